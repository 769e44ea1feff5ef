import { sameShape, sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { type Metric, MetricError, type MetricTotal, type MetricTotals } from './metric';

/**
 * Sums one metric over the batches of an evaluation. `add` does not wait for the device: the sums of a
 * batch stay there until `flush` reads all of them at once, into float64.
 */
export class MetricAccumulator<R = number> {
  #result: ((totals: MetricTotals) => R) | undefined;
  #pending: Record<string, tf.Tensor>[] = [];
  readonly #totals: Record<string, MetricTotal> = {};
  #flushing: Promise<void> = Promise.resolve();

  /**
   * Updates a metric and keeps the tensors that it returns. Each batch may pass a new metric object;
   * the first one computes the result.
   */
  add(metric: Metric<R>): void {
    // A custom update may return a tensor that the user disposes; a clone is ours to keep and dispose.
    const update = tf.tidy(() =>
      Object.fromEntries(
        Object.entries(metric.update()).map(([name, tensor]) => [name, tf.keep(tensor.clone())]),
      ),
    );
    this.#result ??= metric.result;
    this.#pending.push(update);
  }

  /**
   * Reads the tensors added since the last flush, with one read per name, and disposes them.
   *
   * @throws MetricError when names, shapes or dtypes differ between batches
   */
  async flush(): Promise<void> {
    const pending = this.#pending.splice(0);
    const before = this.#flushing;
    const flushing = before.catch(() => {}).then(() => this.#read(pending));
    this.#flushing = flushing;
    await flushing;
  }

  /**
   * Computes the metric's value over everything added so far.
   *
   * @throws MetricError when nothing was ever added
   */
  async result(): Promise<R> {
    await this.flush();
    if (this.#result) return this.#result(this.#totals);
    throw new MetricError({
      subject: 'metric',
      expected: 'at least one batch',
      actual: 'none',
      fix: 'Check the dataset: it yielded no batch.',
    });
  }

  /** Disposes the tensors that were added but not read. */
  dispose(): void {
    tf.dispose(this.#pending.splice(0));
  }

  async #read(pending: readonly Record<string, tf.Tensor>[]): Promise<void> {
    const stacked: Record<string, tf.Tensor> = {};
    try {
      for (const name of new Set(pending.flatMap(Object.keys))) {
        const tensors = pending.flatMap((update) => update[name] ?? []);
        assertSameTotals(name, tensors, pending.length, this.#totals[name]?.shape);
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

  /** @param values the values of all batches, one batch after another */
  #addTo(name: string, shape: readonly number[], values: ArrayLike<number>): void {
    const size = sizeOf(shape);
    const total = this.#totals[name] ?? { data: new Float64Array(size), shape };
    this.#totals[name] = total;
    const { data } = total;
    for (let index = 0; index < values.length; index++) {
      data[index % size] = (data[index % size] ?? 0) + (values[index] ?? 0);
    }
  }
}

/** @throws MetricError when a total is missing in some batches, is not numeric, or changes its dtype or shape */
const assertSameTotals = (
  name: string,
  tensors: readonly tf.Tensor[],
  batches: number,
  shape: readonly number[] = tensors[0]?.shape ?? [],
): void => {
  const describe = (tensor: tf.Tensor) => `${tensor.dtype} [${tensor.shape}]`;
  const dtype = tensors[0]?.dtype;
  const expected = `${dtype} [${shape}]`;
  const isNumeric = dtype !== 'string' && dtype !== 'complex64';
  const different = tensors.find(
    (tensor) => tensor.dtype !== dtype || !sameShape(tensor.shape, shape),
  );
  if (tensors.length === batches && !different && isNumeric) return;
  const actual = isNumeric ? 'no such total in some batches' : expected;
  throw new MetricError({
    subject: `total "${name}" of a metric's update`,
    expected: `the same numeric dtype and shape in every batch, such as ${isNumeric ? expected : 'float32'}`,
    actual: different ? describe(different) : actual,
    fix: 'Return the same totals for every batch: sums whose shapes do not depend on the batch.',
  });
};
