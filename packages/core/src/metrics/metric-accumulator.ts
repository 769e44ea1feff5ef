import * as tf from '@tensorflow/tfjs';
import type { Metric, MetricTotal, MetricTotals } from './metric';
import { MetricError } from './metric-error';

/**
 * Adds up one metric over the batches of a pass. Adding waits for nothing: a batch's sums stay on the
 * device until `flush` reads all of them at once, into float64.
 */
export class MetricAccumulator<R = number> {
  #result: ((totals: MetricTotals) => R) | undefined;
  #pending: Record<string, tf.Tensor>[] = [];
  readonly #totals: Record<string, MetricTotal> = {};
  #flushing: Promise<void> = Promise.resolve();

  /** @param result makes the value of the totals; that of the metrics added when absent */
  constructor(result?: (totals: MetricTotals) => R) {
    this.#result = result;
  }

  /** Updates a metric and keeps what it gives. Each batch may bring a metric object of its own. */
  add(metric: Metric<R>): void {
    // A custom update may return a tensor that isn't its own; a clone can be kept and disposed.
    const update = tf.tidy(() =>
      Object.fromEntries(
        Object.entries(metric.update()).map(([name, tensor]) => [name, tf.keep(tensor.clone())]),
      ),
    );
    this.#result ??= metric.result;
    this.#pending.push(update);
  }

  /** Takes over tensors that an update gave elsewhere, as when a graph ran it. */
  addTensors(update: Readonly<Record<string, tf.Tensor>>): void {
    for (const tensor of Object.values(update)) tf.keep(tensor);
    this.#pending.push({ ...update });
  }

  /**
   * Reads what was added since the last flush, one read for each name, and frees it.
   *
   * @throws MetricError when batches gave totals of different names or shapes
   */
  async flush(): Promise<void> {
    const pending = this.#pending.splice(0);
    const before = this.#flushing;
    const flushing = before.catch(() => {}).then(() => this.#read(pending));
    this.#flushing = flushing;
    await flushing;
  }

  /**
   * The metric's value over everything added so far.
   *
   * @throws MetricError when nothing was ever added, so that there is no function to make a value
   */
  async result(): Promise<R> {
    await this.flush();
    if (this.#result) return this.#result(this.#totals);
    throw new MetricError({
      subject: 'metric',
      expected: 'at least one batch',
      actual: 'none',
      fix: 'Look at the dataset: it gave no batch.',
    });
  }

  /** Frees what was added and not read. */
  dispose(): void {
    tf.dispose(this.#pending.splice(0));
  }

  async #read(pending: readonly Record<string, tf.Tensor>[]): Promise<void> {
    const stacked: Record<string, tf.Tensor> = {};
    try {
      for (const name of new Set(pending.flatMap(Object.keys))) {
        const tensors = pending.flatMap((update) => update[name] ?? []);
        checkAlike(name, tensors, pending.length, this.#totals[name]?.shape);
        stacked[name] = tf.tidy(() => tf.stack(tensors));
      }
      const read = await Promise.all(
        Object.entries(stacked).map(async ([name, tensor]) => {
          return { name, shape: tensor.shape.slice(1), values: await tensor.data<'float32'>() };
        }),
      );
      for (const { name, shape, values } of read) this.#addTo(name, shape, values);
    } finally {
      tf.dispose(stacked);
      tf.dispose([...pending]);
    }
  }

  /** @param values one total after the other */
  #addTo(name: string, shape: readonly number[], values: ArrayLike<number>): void {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const total = this.#totals[name] ?? { data: new Float64Array(size), shape };
    this.#totals[name] = total;
    const { data } = total;
    for (let index = 0; index < values.length; index++) {
      data[index % size] = (data[index % size] ?? 0) + (values[index] ?? 0);
    }
  }
}

/** @throws MetricError when a total is missing in some of the batches, or isn't the same kind of tensor in all */
const checkAlike = (
  name: string,
  tensors: readonly tf.Tensor[],
  batches: number,
  shape: readonly number[] = tensors[0]?.shape ?? [],
): void => {
  const describe = (tensor: tf.Tensor) => `${tensor.dtype} [${tensor.shape}]`;
  const expected = `${tensors[0]?.dtype} [${shape}]`;
  const odd = tensors.find((tensor) => describe(tensor) !== expected);
  const isNumeric = !/^(string|complex64)/.test(expected);
  if (tensors.length === batches && !odd && isNumeric) return;
  throw new MetricError({
    subject: `total "${name}" of a metric's update`,
    expected: `numbers of one dtype and shape in every batch, as ${isNumeric ? expected : 'float32'}`,
    actual: odd ? describe(odd) : isNumeric ? 'none in some batch' : expected,
    fix: 'Give the same totals in every batch: sums, whose shape no batch changes.',
  });
};
