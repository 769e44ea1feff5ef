import { InvalidCheckpointOptionError } from '../errors';
import { assertCount } from '../option-checks';
import type { WritableTensor } from '../tensor';
import type { CheckpointMetrics } from './keep-policies';
import { isAttachmentSuffix } from './metadata';

/** One save. */
export interface CheckpointSnapshot {
  readonly globalStep: number;
  /** They must not change until the save has ended. */
  readonly tensors: readonly WritableTensor[];
  readonly metrics?: CheckpointMetrics | undefined;
  /** What the estimator needs to start again from the directory; plain JSON, opaque to the manager. */
  readonly state?: unknown;
  /**
   * Files beside the checkpoint, by the suffix of its prefix: `{ '.meta': bytes }`. They must not change either.
   */
  readonly attachments?: Readonly<Record<string, Uint8Array>> | undefined;
}

/**
 * Checks metrics and copies them.
 *
 * @throws InvalidCheckpointOptionError
 */
export const copyMetrics = (metrics: CheckpointMetrics): CheckpointMetrics => {
  // A Map or a list would be taken for an object without metrics, or with strange ones.
  if (Object.prototype.toString.call(metrics) !== '[object Object]') {
    const fix = 'Hand over an object as { loss: 0.5 }.';
    throw new InvalidCheckpointOptionError('metrics', 'numbers by their names', metrics, fix);
  }
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value !== 'number') {
      throw new InvalidCheckpointOptionError(
        `metrics.${name}`,
        'a number',
        value,
        'Read tensors back first.',
      );
    }
  }
  return { ...metrics };
};

/**
 * The state as it will be read back.
 *
 * @throws InvalidCheckpointOptionError when it is no JSON
 */
export const copyState = (state: unknown): unknown => {
  if (state === undefined) return undefined;
  try {
    return JSON.parse(JSON.stringify(state));
  } catch (error) {
    const actual = error instanceof Error ? error.message : String(error);
    throw new InvalidCheckpointOptionError(
      'state',
      'plain JSON',
      actual,
      'Keep tensors and classes out of it.',
    );
  }
};

/** @throws InvalidCheckpointOptionError */
export const assertSnapshot = ({ globalStep, attachments = {} }: CheckpointSnapshot): void => {
  assertCount('globalStep', globalStep, 0);
  for (const [suffix, bytes] of Object.entries(attachments)) {
    if (!isAttachmentSuffix(suffix) || !(bytes instanceof Uint8Array)) {
      throw new InvalidCheckpointOptionError(
        'attachments',
        'bytes (Uint8Array) by suffixes as ".meta"',
        `${suffix}: ${bytes?.constructor?.name}`,
        'Rename it, or encode what it holds.',
      );
    }
  }
};
