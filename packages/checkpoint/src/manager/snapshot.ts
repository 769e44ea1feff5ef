import { deepFreeze, reasonOf } from '@elistimator/internal';
import { InvalidCheckpointOptionError, show } from '../errors';
import { assertInteger } from '../option-checks';
import type { WritableTensor } from '../tensor';
import { isAttachmentSuffix } from './metadata';
import type { CheckpointMetrics } from './ranking';

/** The contents of one save. */
export interface CheckpointSnapshot {
  readonly globalStep: number;
  /** Their values must not change until the save has finished; everything else is copied. */
  readonly tensors: readonly WritableTensor[];
  readonly metrics?: CheckpointMetrics | undefined;
  /**
   * The global step of the stored checkpoint from which training continued; null if it started from none. Default: the
   * checkpoint with the greatest smaller global step, among the ancestors of the one saved last.
   */
  readonly parent?: number | null | undefined;
  /** True if the model's values are not finite. Default: whether a tensor has a NaN or infinite value. */
  readonly isNonFinite?: boolean | undefined;
  /** JSON that the estimator needs to resume from the directory; opaque to the manager. */
  readonly state?: unknown;
  /** Additional files of the checkpoint by the suffix of their names: `{ '.meta': bytes }`. */
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
  return Object.freeze({ ...metrics });
};

/**
 * Copies the state by converting it to JSON and back.
 *
 * @throws InvalidCheckpointOptionError if it cannot be converted
 */
export const copyState = (state: unknown): unknown => {
  if (state === undefined) return undefined;
  try {
    const text = JSON.stringify(state);
    return text === undefined ? undefined : deepFreeze(JSON.parse(text));
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
const copyAttachments = (
  attachments: Readonly<Record<string, Uint8Array>> = {},
): Readonly<Record<string, Uint8Array>> => {
  const copies: Record<string, Uint8Array> = {};
  for (const [suffix, bytes] of Object.entries(attachments)) {
    if (!isAttachmentSuffix(suffix) || !(bytes instanceof Uint8Array)) {
      throw new InvalidCheckpointOptionError(
        'attachments',
        'Uint8Arrays by suffixes such as ".meta"',
        `${show(bytes)} for ${show(suffix)}`,
        'Encode the value as bytes, or choose another suffix: ".index" and ".data-…" are reserved.',
      );
    }
    copies[suffix] = new Uint8Array(bytes);
  }
  return copies;
};

const copyTensor = (tensor: WritableTensor): WritableTensor => {
  const { name, dtype, shape, data } = tensor;
  // Writing reports a shape that is no array.
  return { name, dtype, shape: Array.isArray(shape) ? [...shape] : shape, data };
};

/** A snapshot that was checked, and that the caller cannot change. */
export interface CopiedSnapshot extends CheckpointSnapshot {
  readonly attachments: Readonly<Record<string, Uint8Array>>;
}

/**
 * Checks a snapshot and copies it, except for the values of tensors.
 *
 * @throws InvalidCheckpointOptionError
 */
export const copySnapshot = (snapshot: CheckpointSnapshot): CopiedSnapshot => {
  const { globalStep, tensors, metrics, parent, isNonFinite, state, attachments } = snapshot;
  assertInteger('globalStep', globalStep, 0);
  if (parent !== undefined && parent !== null) assertInteger('parent', parent, 0);
  return {
    globalStep,
    tensors: tensors.map(copyTensor),
    ...(metrics !== undefined && { metrics: copyMetrics(metrics) }),
    parent,
    isNonFinite,
    state: copyState(state),
    attachments: copyAttachments(attachments),
  };
};
