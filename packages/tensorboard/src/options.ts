import { SummaryOptionError } from './errors';
import type { FlushLimits } from './files/background-writer';

/** Options that control when queued values are written to disk. */
export interface FlushOptions {
  /** Seconds until a recorded value is written. Default: 2. */
  readonly flushSecs?: number | undefined;
  /** Number of queued bytes at which a write starts, without waiting for `flushSecs`. Default: 65,536. */
  readonly flushBytes?: number | undefined;
  /** Number of queued bytes beyond which the caller waits for the disk. Default: 16 MiB. */
  readonly maxQueueBytes?: number | undefined;
}

const assertOption = (option: string, value: number, isValid: boolean, expected: string): void => {
  if (isValid) return;
  throw new SummaryOptionError(option, expected, value, 'Omit it to use the default.');
};

/** Longer timers fire at once. */
const MAX_TIMER_SECS = 2 ** 31 / 1000;

/** @throws SummaryOptionError if a timer cannot wait for this number of seconds */
export const assertSeconds = (option: string, seconds: number): void => {
  const expected = `a number of seconds greater than 0 and less than ${Math.floor(MAX_TIMER_SECS)}`;
  assertOption(option, seconds, seconds > 0 && seconds < MAX_TIMER_SECS, expected);
};

const isByteCount = (bytes: number): boolean => Number.isInteger(bytes) && bytes > 0;

export const assertByteCount = (option: string, bytes: number): void =>
  assertOption(option, bytes, isByteCount(bytes), 'a positive integer number of bytes');

/** @throws SummaryOptionError if the value is present and not a safe integer */
export const assertPurgeStep = (purgeStep: number | undefined): void => {
  if (purgeStep === undefined) return;
  assertOption('purgeStep', purgeStep, Number.isSafeInteger(purgeStep), 'an integer step');
};

/** The options with their defaults. @throws SummaryOptionError */
export const readFlushLimits = (options: FlushOptions): FlushLimits => {
  const { flushSecs = 2, flushBytes = 1 << 16, maxQueueBytes = 1 << 24 } = options;
  assertSeconds('flushSecs', flushSecs);
  assertByteCount('flushBytes', flushBytes);
  const isLimit = isByteCount(maxQueueBytes) && maxQueueBytes >= flushBytes;
  assertOption('maxQueueBytes', maxQueueBytes, isLimit, 'an integer of at least flushBytes');
  return { flushSecs, flushBytes, maxQueueBytes };
};
