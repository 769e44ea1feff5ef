import * as tf from '@tensorflow/tfjs';
import type { SummaryScalar, SummarySink, SummaryTensor } from '../ports';
import { disposeSummaries, type RecordedSummary } from '../scope/summary-recorder';
import type { FailureReports } from './failure-reports';
import { summaryFailure } from './guarded-ports';

/*
 * Values that stay on the device until many of them are read back at once, since each separate read may
 * wait for the device.
 */

type ScalarSummary = Extract<RecordedSummary, { kind: 'scalar' }>;
/** A summary whose value is not a single number. */
export type TensorSummary = Exclude<RecordedSummary, ScalarSummary>;

const asFloatScalar = (tensor: tf.Tensor): tf.Tensor =>
  tensor.dtype === 'float32' && tensor.rank === 0 ? tensor : tensor.toFloat().reshape([]);

/** Reads scalars back in one transfer. */
export const readScalarTensors = async (
  tensors: readonly tf.Tensor[],
): Promise<readonly number[]> => {
  if (tensors.length === 0) return [];
  const stacked = tf.tidy(() => tf.stack(tensors.map(asFloatScalar)));
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

/** Writes one summary that is not a scalar to a sink. One that can't be read or written is reported. */
export const writeSummary = async (
  sink: SummarySink,
  summary: TensorSummary,
  step: number,
  run: string,
  failures: FailureReports,
): Promise<void> => {
  const { tag } = summary;
  await failures.guardAsync(...summaryFailure(tag, run, step), async () => {
    if (summary.kind === 'text') sink.text(tag, summary.value, step);
    else {
      const values = await readSummaryTensor(summary.value);
      if (summary.kind === 'images') sink.images(tag, values, step);
      else sink.histogram(tag, values, step);
    }
  });
};

interface PendingScalar {
  readonly tag: string;
  readonly step: number;
  /** Seconds since the epoch. */
  readonly wallTime: number;
  readonly tensor: tf.Tensor;
}

/** Summaries of training steps that have not been read back yet. */
export class SummaryLog {
  readonly #failures: FailureReports;
  #scalars: PendingScalar[] = [];
  #others: { readonly step: number; readonly summary: TensorSummary }[] = [];

  constructor(failures: FailureReports) {
    this.#failures = failures;
  }

  /** The number of scalars to read. */
  get size(): number {
    return this.#scalars.length;
  }

  /**
   * Takes over the tensors of one step.
   *
   * @param wallTime seconds since the epoch
   */
  add(step: number, wallTime: number, summaries: readonly RecordedSummary[]): void {
    for (const summary of summaries) {
      if (summary.kind === 'scalar') {
        const { tag, value: tensor } = summary;
        this.#scalars.push({ tag, step, wallTime, tensor });
      } else {
        this.#others.push({ step, summary });
      }
    }
  }

  /**
   * Writes everything to the sink and frees it. What can't be read or written is reported.
   *
   * @param losses of these steps, which are written with them
   */
  async publish(sink: SummarySink, losses: readonly SummaryScalar[]): Promise<void> {
    const scalars = this.#scalars;
    const others = this.#others;
    this.#scalars = [];
    this.#others = [];
    try {
      const points = [...losses, ...(await this.#read(scalars))];
      sink.scalars(points.sort((a, b) => a.step - b.step));
      for (const { step, summary } of others) {
        await writeSummary(sink, summary, step, 'train', this.#failures);
      }
    } finally {
      tf.dispose(scalars.map(({ tensor }) => tensor));
      disposeSummaries(others.map(({ summary }) => summary));
    }
  }

  async #read(scalars: readonly PendingScalar[]): Promise<readonly SummaryScalar[]> {
    const values = await readScalarTensors(scalars.map(({ tensor }) => tensor)).catch(() =>
      // One of them can't be read, such as a string.
      Promise.all(scalars.map((scalar) => this.#readOne(scalar))),
    );
    return scalars.flatMap(({ tag, step, wallTime }, index) => {
      const value = values[index];
      return value === undefined ? [] : [{ tag, step, wallTime, value }];
    });
  }

  async #readOne({ tag, step, tensor }: PendingScalar): Promise<number | undefined> {
    try {
      const [value] = await readScalarTensors([tensor]);
      return value;
    } catch (error) {
      this.#failures.report(...summaryFailure(tag, 'train', step), error);
      return undefined;
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
  #pending: { readonly tensor: tf.Tensor; readonly weight: number; readonly batch: number }[] = [];
  #sum = 0;
  #weight = 0;
  #nonFinite: { readonly batch: number; readonly value: number } | undefined;

  /** The first batch whose scalar is NaN or infinite, among those that were read. */
  get nonFinite(): { readonly batch: number; readonly value: number } | undefined {
    return this.#nonFinite;
  }

  /**
   * @param scalar a tensor of one element, which stays the caller's
   * @param weight the number of examples that it is the mean of, above 0
   * @param batch the index of their batch
   */
  add(scalar: tf.Tensor, weight: number, batch: number): void {
    this.#pending.push({ tensor: tf.keep(scalar.clone()), weight, batch });
  }

  /** Reads and frees what was added since the last flush. */
  async flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    try {
      const values = await readScalarTensors(pending.map(({ tensor }) => tensor));
      pending.forEach(({ weight, batch }, index) => {
        const value = values[index] ?? Number.NaN;
        this.#sum += weight * value;
        this.#weight += weight;
        if (!Number.isFinite(value)) this.#nonFinite ??= { batch, value };
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
