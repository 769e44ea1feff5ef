import * as tf from '@tensorflow/tfjs';
import { disposeSummaries, type RecordedSummary } from '../model/summary-recorder';
import type { SummaryScalar, SummarySink, SummaryTensor } from '../ports/summary-sink';

type ScalarSummary = Extract<RecordedSummary, { kind: 'scalar' }>;

interface PendingScalar {
  /** Whether it is the training loss, which a summary of that tag is not. */
  readonly isLoss: boolean;
  readonly tag: string;
  readonly step: number;
  readonly wallTime: number;
  readonly tensor: tf.Tensor;
}

interface PendingSummary {
  readonly step: number;
  readonly summary: Exclude<RecordedSummary, ScalarSummary>;
}

/** Reads scalars back in one go, since each read of its own may wait for the device. */
export const readScalars = async (tensors: readonly tf.Tensor[]): Promise<readonly number[]> => {
  if (tensors.length === 0) return [];
  const stacked = tf.tidy(() => tf.stack(tensors.map((tensor) => tensor.toFloat().reshape([]))));
  try {
    return Array.from(await stacked.data());
  } finally {
    stacked.dispose();
  }
};

const readTensor = async (tensor: tf.Tensor): Promise<SummaryTensor> => ({
  data: (await tensor.data()) as SummaryTensor['data'],
  shape: tensor.shape,
});

const isScalar = (summary: RecordedSummary): summary is ScalarSummary => summary.kind === 'scalar';

/**
 * What steps have recorded and nobody has read yet. Steps add tensors without waiting; `publish`
 * reads all of them back at once and hands them to the sink.
 */
export class SummaryLog {
  #scalars: PendingScalar[] = [];
  #others: PendingSummary[] = [];

  /** Scalars that wait to be read. */
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
      if (isScalar(summary)) {
        const { tag, value: tensor } = summary;
        this.#scalars.push({ isLoss: false, tag, step, wallTime, tensor });
      } else {
        this.#others.push({ step, summary });
      }
    }
  }

  /**
   * Hands everything to the sink and frees it.
   *
   * @returns the losses, oldest first
   */
  async publish(sink: SummarySink): Promise<readonly SummaryScalar[]> {
    const scalars = this.#scalars;
    const others = this.#others;
    this.#scalars = [];
    this.#others = [];
    try {
      const values = await readScalars(scalars.map(({ tensor }) => tensor));
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

/** Hands one summary that is no scalar to a sink. */
export const writeSummary = async (
  sink: SummarySink,
  summary: Exclude<RecordedSummary, ScalarSummary>,
  step: number,
): Promise<void> => {
  const { tag } = summary;
  if (summary.kind === 'text') sink.text(tag, summary.value, step);
  else if (summary.kind === 'images') sink.images(tag, await readTensor(summary.value), step);
  else sink.histogram(tag, await readTensor(summary.value), step);
};
