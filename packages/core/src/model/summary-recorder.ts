import * as tf from '@tensorflow/tfjs';

/** What a model function recorded during one call. Tensors are kept until they are read. */
export type RecordedSummary =
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: tf.Tensor }
  | { readonly kind: 'histogram'; readonly tag: string; readonly value: tf.Tensor }
  | {
      readonly kind: 'images';
      readonly tag: string;
      readonly value: tf.Tensor;
      /** How many of the batch are shown. */
      readonly maxOutputs: number;
    }
  | { readonly kind: 'text'; readonly tag: string; readonly value: string };

/** Collects the summaries of one call of a model function. */
export class SummaryRecorder {
  readonly #wholeBatches: boolean;
  #recorded: RecordedSummary[] = [];

  /**
   * @param options.wholeBatches whether all images of a batch are kept, not only those that are shown:
   *   a trace can't follow a number that the batch size limits
   */
  constructor({ wholeBatches = false }: { readonly wholeBatches?: boolean } = {}) {
    this.#wholeBatches = wholeBatches;
  }

  /** Keeps a tensor of its own, so that the caller's tidy may free the one it was given. */
  tensor(kind: 'scalar' | 'histogram', tag: string, value: tf.Tensor): void {
    this.#recorded.push({ kind, tag, value: tf.keep(value.clone()) });
  }

  /** As `tensor`, of the first images of a batch. */
  images(tag: string, batch: tf.Tensor, maxOutputs: number): void {
    const shown = Math.min(maxOutputs, batch.shape[0] ?? 0);
    const value = this.#wholeBatches ? batch.clone() : batch.slice(0, shown);
    this.#recorded.push({ kind: 'images', tag, value: tf.keep(value), maxOutputs });
  }

  text(tag: string, value: string): void {
    this.#recorded.push({ kind: 'text', tag, value });
  }

  /** Hands over what was recorded; its tensors are the caller's to dispose. */
  take(): RecordedSummary[] {
    const recorded = this.#recorded;
    this.#recorded = [];
    return recorded;
  }

  /** Drops what was recorded. */
  dispose(): void {
    disposeSummaries(this.take());
  }
}

/** Frees the tensors of recorded summaries. */
export const disposeSummaries = (summaries: readonly RecordedSummary[]): void => {
  for (const summary of summaries) {
    if (summary.kind !== 'text') summary.value.dispose();
  }
};
