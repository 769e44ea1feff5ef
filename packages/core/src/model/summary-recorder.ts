import * as tf from '@tensorflow/tfjs';

/** What a model function recorded during one call. Tensors are kept until they are read. */
export type RecordedSummary =
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: tf.Tensor }
  | { readonly kind: 'histogram'; readonly tag: string; readonly value: tf.Tensor }
  | { readonly kind: 'images'; readonly tag: string; readonly value: tf.Tensor }
  | { readonly kind: 'text'; readonly tag: string; readonly value: string };

/** Collects the summaries of one call of a model function. */
export class SummaryRecorder {
  #recorded: RecordedSummary[] = [];

  /** Keeps a tensor of its own, so that the caller's tidy may free the one it was given. */
  tensor(kind: 'scalar' | 'histogram' | 'images', tag: string, value: tf.Tensor): void {
    this.#recorded.push({ kind, tag, value: tf.keep(value.clone()) });
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
