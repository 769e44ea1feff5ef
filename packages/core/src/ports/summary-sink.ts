/** A tensor's values as they come from the device: flat, row-major. */
export interface SummaryTensor {
  /** Values in row-major order. */
  readonly data: Float32Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

/** A scalar at a step, with the time at which the step ran. */
export interface SummaryScalar {
  readonly tag: string;
  readonly value: number;
  readonly step: number;
  /** Seconds since the epoch; the time of writing when absent. */
  readonly wallTime?: number | undefined;
}

/**
 * Takes what one run (training or validation) records. Nothing here waits for a disk: a sink queues,
 * and a failure surfaces at the next call.
 *
 * A sink may throw for a value that it can't record. The loop prints that once for each tag, skips the
 * value, and continues: only `close()` may fail a call of the estimator.
 */
export interface SummarySink {
  /** Where the run's logs lie, as TensorBoard's `--logdir` takes it. */
  readonly logDir: string;
  /** Records all points, or throws and records none; then each is offered alone. */
  scalars(points: readonly SummaryScalar[]): void;
  /** @param values any shape; its distribution is recorded */
  histogram(tag: string, values: SummaryTensor, step: number): void;
  /** @param images `[batch, height, width, channels]`: uint8 in 0..255, or float in 0..1; channels 1, 3 or 4 */
  images(tag: string, images: SummaryTensor, step: number): void;
  /** @param markdown what TensorBoard's text tab shows */
  text(tag: string, markdown: string, step: number): void;
  /**
   * The model's graph; sinks that have no place for it leave this out.
   *
   * @param graphDef a serialized GraphDef
   */
  graph?(graphDef: Uint8Array): void;
  /** Resolves once everything taken so far can be read back. Throws what went wrong in the background. */
  flush(): Promise<void>;
  /** Flushes and releases the file; nothing may be recorded afterwards. */
  close(): Promise<void>;
}

/** Records nothing. */
export const nullSummarySink: SummarySink = {
  logDir: '',
  scalars: () => {},
  histogram: () => {},
  images: () => {},
  text: () => {},
  flush: async () => {},
  close: async () => {},
};
