import * as tf from '@tensorflow/tfjs';
import type { SummaryScalar, SummarySink, SummaryTensor } from '../ports';
import { disposeSummaries, type RecordedSummary } from '../scope/summary-recorder';

/*
 * Values that stay on the device until many of them are read back at once, since each separate read may
 * wait for the device.
 */

type ScalarSummary = Extract<RecordedSummary, { kind: 'scalar' }>;
/** A summary whose value is not a single number. */
export type TensorSummary = Exclude<RecordedSummary, ScalarSummary>;

/** Reads scalars back in one transfer. */
const readScalarTensors = async (tensors: readonly tf.Tensor[]): Promise<readonly number[]> => {
  if (tensors.length === 0) return [];
  const stacked = tf.tidy(() => tf.stack(tensors.map((tensor) => tensor.toFloat().reshape([]))));
  try {
    return Array.from(await stacked.data());
  } finally {
    stacked.dispose();
  }
};

const readSummaryTensor = async (tensor: tf.Tensor): Promise<SummaryTensor> => ({
  data: (await tensor.data()) as SummaryTensor['data'],
  shape: tensor.shape,
});

/** Writes one summary that is not a scalar to a sink. */
export const writeSummary = async (
  sink: SummarySink,
  summary: TensorSummary,
  step: number,
): Promise<void> => {
  const { tag } = summary;
  if (summary.kind === 'text') sink.text(tag, summary.value, step);
  else if (summary.kind === 'images') {
    sink.images(tag, await readSummaryTensor(summary.value), step);
  } else sink.histogram(tag, await readSummaryTensor(summary.value), step);
};

interface PendingScalar {
  /** Whether it is the training loss, as opposed to a summary with the same tag. */
  readonly isLoss: boolean;
  readonly tag: string;
  readonly step: number;
  readonly wallTime: number;
  readonly tensor: tf.Tensor;
}

/** Losses and summaries of training steps that have not been read back yet. */
export class SummaryLog {
  #scalars: PendingScalar[] = [];
  #others: { readonly step: number; readonly summary: TensorSummary }[] = [];

  /** The number of scalars to read. */
  get size(): number {
    return this.#scalars.length;
  }

  /**
   * Takes over the tensors of one step.
   *
   * @param wallTime seconds since the epoch
   */
  add(
    step: number,
    wallTime: number,
    loss: tf.Tensor,
    summaries: readonly RecordedSummary[],
  ): void {
    this.#scalars.push({ isLoss: true, tag: 'loss', step, wallTime, tensor: loss });
    for (const summary of summaries) {
      if (summary.kind === 'scalar') {
        const { tag, value: tensor } = summary;
        this.#scalars.push({ isLoss: false, tag, step, wallTime, tensor });
      } else {
        this.#others.push({ step, summary });
      }
    }
  }

  /**
   * Writes everything to the sink and frees it.
   *
   * @returns the losses, oldest first
   */
  async publish(sink: SummarySink): Promise<readonly SummaryScalar[]> {
    const scalars = this.#scalars;
    const others = this.#others;
    this.#scalars = [];
    this.#others = [];
    try {
      const values = await readScalarTensors(scalars.map(({ tensor }) => tensor));
      const points = scalars.map(({ tag, step, wallTime }, index) => ({
        tag,
        step,
        wallTime,
        value: values[index] ?? Number.NaN,
      }));
      sink.scalars(points);
      for (const { step, summary } of others) await writeSummary(sink, summary, step);
      return points.filter((_, index) => scalars[index]?.isLoss);
    } finally {
      tf.dispose(scalars.map(({ tensor }) => tensor));
      disposeSummaries(others.map(({ summary }) => summary));
    }
  }

  /** Frees what was not published. */
  dispose(): void {
    tf.dispose(this.#scalars.map(({ tensor }) => tensor));
    disposeSummaries(this.#others.map(({ summary }) => summary));
    this.#scalars = [];
    this.#others = [];
  }
}

/** The mean of scalars over many batches, weighted by their examples and summed in float64. */
export class WeightedMean {
  #pending: { readonly tensor: tf.Tensor; readonly weight: number }[] = [];
  #sum = 0;
  #weight = 0;

  /**
   * @param scalar a tensor of one element, which stays the caller's
   * @param weight the number of examples that it is the mean of
   */
  add(scalar: tf.Tensor, weight: number): void {
    this.#pending.push({ tensor: tf.keep(scalar.clone()), weight });
  }

  /** Reads and frees what was added since the last flush. */
  async flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    try {
      const values = await readScalarTensors(pending.map(({ tensor }) => tensor));
      pending.forEach(({ weight }, index) => {
        this.#sum += weight * (values[index] ?? Number.NaN);
        this.#weight += weight;
      });
    } finally {
      tf.dispose(pending.map(({ tensor }) => tensor));
    }
  }

  async result(): Promise<number> {
    await this.flush();
    return this.#sum / this.#weight;
  }

  dispose(): void {
    tf.dispose(this.#pending.map(({ tensor }) => tensor));
    this.#pending = [];
  }
}
