import type { FlushLimits } from './background-writer';
import { SummaryOptionError } from './errors';

/** When queued bytes go to the disk. */
export interface FlushOptions {
  /** Seconds after which a recorded value is written; 2 by default. */
  readonly flushSecs?: number | undefined;
  /** Bytes that are written at once, without waiting for `flushSecs`; 65,536 by default. */
  readonly flushBytes?: number | undefined;
  /** Bytes in memory beyond which the caller waits for the disk; 16 MiB by default. */
  readonly maxQueueBytes?: number | undefined;
}

/** Gives an option's value back. @throws SummaryOptionError when it is not valid */
export const checked = (
  option: string,
  value: number,
  isValid: boolean,
  expected: string,
): number => {
  if (isValid) return value;
  throw new SummaryOptionError(option, expected, value, 'Leave it out for the default.');
};

/** Whether a number can be one of bytes. */
export const isBytes = (bytes: number): boolean => Number.isInteger(bytes) && bytes > 0;

/** Options with their defaults. @throws SummaryOptionError */
export const readLimits = (options: FlushOptions): FlushLimits => {
  const { flushSecs = 2, flushBytes = 1 << 16, maxQueueBytes = 1 << 24 } = options;
  // A longer timer than this fires at once.
  const isTimer = flushSecs > 0 && flushSecs < 2 ** 31 / 1000;
  const isLimit = isBytes(maxQueueBytes) && maxQueueBytes >= flushBytes;
  return {
    flushSecs: checked('flushSecs', flushSecs, isTimer, 'seconds, more than 0'),
    flushBytes: checked('flushBytes', flushBytes, isBytes(flushBytes), 'bytes, 1 or more'),
    maxQueueBytes: checked('maxQueueBytes', maxQueueBytes, isLimit, 'bytes, flushBytes or more'),
  };
};

/** Options that are checked where a purge step is taken. @throws SummaryOptionError */
export const checkPurgeStep = (purgeStep: number | undefined): void => {
  if (purgeStep === undefined) return;
  const isStep = Number.isSafeInteger(purgeStep);
  checked('purgeStep', purgeStep, isStep, 'a step, which is a whole number');
};
