import { describeArgument } from '@elistimator/internal';
import { SummaryValueError } from '../errors';
import type { HostTensor } from '../tensor-like';

/** A scalar at a step. */
export interface ScalarPoint {
  readonly tag: string;
  readonly value: number;
  readonly step: number;
  /** Seconds since the epoch. Default: the time of the call. */
  readonly wallTime?: number | undefined;
}

/**
 * The summaries of a run that a training loop records, in any format. A sink queues them: no method
 * except `flush` and `close` waits for the disk.
 */
export interface SummarySink {
  /** The directory of the run. */
  readonly logDir: string;
  scalars(points: readonly ScalarPoint[]): void;
  /** Records the distribution of values. @param values a tensor of any shape */
  histogram(tag: string, values: HostTensor, step: number): void;
  /** @param images `[batch, height, width, channels]` */
  images(tag: string, images: HostTensor, step: number): void;
  /** @param markdown text for TensorBoard's text tab */
  text(tag: string, markdown: string, step: number): void;
  /** Records the graph of the model, if the format supports one. @param graphDef a serialized GraphDef */
  graph?(graphDef: Uint8Array): void;
  /** Resolves once everything recorded so far can be read. */
  flush(): Promise<void>;
  /** Flushes and closes the file; later calls to record fail. */
  close(): Promise<void>;
}

/** @throws SummaryValueError if the value is not a number; NaN and infinities are numbers */
export const assertScalarValue = (tag: string, value: number): void => {
  if (typeof value === 'number') return;
  const fix = 'Convert it with Number(value), or read the tensor first.';
  throw new SummaryValueError(tag, 'a value that is a number', describeArgument(value), fix);
};

/** @throws SummaryValueError if the tag, the step or the time is not valid */
export const assertScalarPoint = (tag: string, step: number, wallTime: number): void => {
  if (typeof tag !== 'string' || tag === '') {
    const actual = tag === '' ? 'an empty string' : typeof tag;
    const fix = 'Pass a name for the recorded values.';
    throw new SummaryValueError(String(tag), 'a tag that is a non-empty string', actual, fix);
  }
  if (!Number.isSafeInteger(step)) {
    const fix = 'Pass the number of finished training steps.';
    throw new SummaryValueError(tag, 'a step that is a safe integer', String(step), fix);
  }
  if (!Number.isFinite(wallTime)) {
    const fix = 'Omit it to use the current time.';
    throw new SummaryValueError(tag, 'a finite wall time in seconds', String(wallTime), fix);
  }
};
