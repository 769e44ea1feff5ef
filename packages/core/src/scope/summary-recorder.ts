import * as tf from '@tensorflow/tfjs';

/** A summary that a model function recorded. Its tensor is kept until it is read. */
export type RecordedSummary =
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: tf.Tensor }
  | { readonly kind: 'histogram'; readonly tag: string; readonly value: tf.Tensor }
  | {
      readonly kind: 'images';
      readonly tag: string;
      readonly value: tf.Tensor;
      /** The number of images of the batch to show. */
      readonly maxOutputs: number;
    }
  | { readonly kind: 'text'; readonly tag: string; readonly value: string };

/** Collects the summaries of one call of a model function. */
export class SummaryRecorder {
  readonly #wholeBatches: boolean;
  #recorded: RecordedSummary[] = [];

  /**
   * @param options.wholeBatches keep all images of a batch instead of only those to show: a trace
   *   can't express a size that is limited by the batch size
   */
  constructor({ wholeBatches = false }: { readonly wholeBatches?: boolean } = {}) {
    this.#wholeBatches = wholeBatches;
  }

  /** Keeps a clone, so that the caller's tidy may free the original. */
  tensor(kind: 'scalar' | 'histogram', tag: string, value: tf.Tensor): void {
    this.#recorded.push({ kind, tag, value: tf.keep(value.clone()) });
  }

  /** Like `tensor`, for the first images of a batch. */
  images(tag: string, batch: tf.Tensor, maxOutputs: number): void {
    const shown = Math.min(maxOutputs, batch.shape[0] ?? 0);
    const value = this.#wholeBatches ? batch.clone() : batch.slice(0, shown);
    this.#recorded.push({ kind: 'images', tag, value: tf.keep(value), maxOutputs });
  }

  text(tag: string, value: string): void {
    this.#recorded.push({ kind: 'text', tag, value });
  }

  /** Returns the recorded summaries and forgets them; the caller disposes their tensors. */
  take(): RecordedSummary[] {
    const recorded = this.#recorded;
    this.#recorded = [];
    return recorded;
  }

  /** Discards the recorded summaries. */
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
