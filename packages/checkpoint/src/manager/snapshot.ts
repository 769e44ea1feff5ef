import { reasonOf } from '@elistimator/internal';
import { InvalidCheckpointOptionError, show } from '../errors';
import { assertInteger } from '../option-checks';
import type { WritableTensor } from '../tensor';
import { isAttachmentSuffix } from './metadata';
import type { CheckpointMetrics } from './ranking';

/** The contents of one save. */
export interface CheckpointSnapshot {
  readonly globalStep: number;
  /** They must not change until the save has finished. */
  readonly tensors: readonly WritableTensor[];
  readonly metrics?: CheckpointMetrics | undefined;
  /** JSON that the estimator needs to resume from the directory; opaque to the manager. */
  readonly state?: unknown;
  /**
   * Additional files of the checkpoint by the suffix of their names: `{ '.meta': bytes }`. They must not change
   * until the save has finished.
   */
  readonly attachments?: Readonly<Record<string, Uint8Array>> | undefined;
}

/**
 * Checks metrics and copies them.
 *
 * @throws InvalidCheckpointOptionError
 */
export const copyMetrics = (metrics: CheckpointMetrics): CheckpointMetrics => {
  // A Map or an array would pass as an object, but with no or with meaningless metrics.
  if (Object.prototype.toString.call(metrics) !== '[object Object]') {
    throw new InvalidCheckpointOptionError(
      'metrics',
      'an object of numbers by name',
      show(metrics),
      'Pass an object such as { loss: 0.5 }.',
    );
  }
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value === 'number') continue;
    throw new InvalidCheckpointOptionError(
      `metrics.${name}`,
      'a number',
      show(value),
      'Read the value of a tensor first, with dataSync() or data().',
    );
  }
  return { ...metrics };
};

/**
 * Copies the state by converting it to JSON and back.
 *
 * @throws InvalidCheckpointOptionError if it cannot be converted
 */
export const copyState = (state: unknown): unknown => {
  if (state === undefined) return undefined;
  try {
    return JSON.parse(JSON.stringify(state));
  } catch (error) {
    throw new InvalidCheckpointOptionError(
      'state',
      'a value that can be stored as JSON',
      `a value for which JSON.stringify() fails with: ${reasonOf(error)}`,
      'Remove functions, BigInts and circular references.',
    );
  }
};

/** @throws InvalidCheckpointOptionError */
export const assertSnapshot = ({ globalStep, attachments = {} }: CheckpointSnapshot): void => {
  assertInteger('globalStep', globalStep, 0);
  for (const [suffix, bytes] of Object.entries(attachments)) {
    if (isAttachmentSuffix(suffix) && bytes instanceof Uint8Array) continue;
    throw new InvalidCheckpointOptionError(
      'attachments',
      'Uint8Arrays by suffixes such as ".meta"',
      `${bytes?.constructor?.name ?? show(bytes)} for ${show(suffix)}`,
      'Encode the value as bytes, or choose another suffix: ".index" and ".data-…" are reserved.',
    );
  }
};
