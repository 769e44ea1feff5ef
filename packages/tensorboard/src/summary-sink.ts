import type { ScalarPoint } from './summary-recorder';
import type { HostTensor } from './tensor-like';

/** Takes what one run records, whatever it makes of it. Nothing here waits for a disk. */
export interface SummarySink {
  /** Where the run's logs lie. */
  readonly logDir: string;
  scalars(points: readonly ScalarPoint[]): void;
  /** @param values any shape; its distribution is recorded */
  histogram(tag: string, values: HostTensor, step: number): void;
  /** @param images `[batch, height, width, channels]` */
  images(tag: string, images: HostTensor, step: number): void;
  /** @param markdown what TensorBoard's text tab shows */
  text(tag: string, markdown: string, step: number): void;
  /** The model's graph, for sinks that hold one. @param graphDef a serialized GraphDef */
  graph?(graphDef: Uint8Array): void;
  /** Resolves once everything taken so far can be read back. */
  flush(): Promise<void>;
  /** Flushes and releases the file; nothing may be recorded afterwards. */
  close(): Promise<void>;
}
