import * as tf from '@tensorflow/tfjs';

/** Lists longer than this are data rather than settings, and count by their length alone. */
const LONGEST_LIST = 1000;

const shorten = (_: string, value: unknown): unknown => {
  if (value instanceof tf.Tensor) return ['tensor', value.id];
  const isLong = ArrayBuffer.isView(value) || (Array.isArray(value) && value.length > LONGEST_LIST);
  if (isLong) return ['list', (value as unknown as ArrayLike<unknown>).length];
  // JSON has no NaN and no infinity.
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
};

/** A text that changes when the settings among a model function's parameters do. */
export const paramsFingerprint = (params: unknown): string => {
  try {
    return JSON.stringify(params, shorten) ?? '';
  } catch {
    // A circle, or a BigInt: what can't be told is taken to stay as it is.
    return '';
  }
};
