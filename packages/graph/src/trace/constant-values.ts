import * as tf from '@tensorflow/tfjs';
import type { RecordedValues } from './recording';

type Values = tf.DataValues | readonly string[] | readonly Uint8Array[] | readonly number[];

const decoded = (values: Values): readonly string[] =>
  Array.from(values as readonly (string | Uint8Array)[], (value) =>
    typeof value === 'string' ? value : tf.util.decodeString(value),
  );

const typed = (values: Values, dtype: tf.DataType) => {
  const numbers = values as ArrayLike<number>;
  if (dtype === 'int32') return Int32Array.from(numbers);
  return dtype === 'bool' ? Uint8Array.from(numbers) : Float32Array.from(numbers);
};

const allSame = (values: ArrayLike<unknown>): boolean => {
  for (let index = 1; index < values.length; index++) {
    if (!Object.is(values[index], values[0])) return false;
  }
  return values.length > 0;
};

/** How much memory the values of a tensor take, in bytes; of texts, one for each element at least. */
export const byteSize = (dtype: tf.DataType, size: number): number => {
  if (dtype === 'complex64') return 8 * size;
  return dtype === 'bool' || dtype === 'string' ? size : 4 * size;
};

/**
 * A copy of a tensor's values for a graph: one value where all are the same, and only their number of
 * bytes where there are more than `maxBytes`.
 */
export const constantValues = (
  values: Values,
  dtype: tf.DataType,
  maxBytes: number,
): RecordedValues => {
  if (dtype === 'string') return textValues(decoded(values), maxBytes);
  // Equal pairs of real and imaginary part can't be written as one number.
  if (dtype !== 'complex64' && allSame(values)) {
    return { kind: 'fill', fill: typed([values[0] as number], dtype)[0] as number };
  }
  const bytes = byteSize(dtype === 'complex64' ? 'float32' : dtype, values.length);
  return bytes > maxBytes ? { kind: 'large', bytes } : { kind: 'list', list: typed(values, dtype) };
};

const textValues = (texts: readonly string[], maxBytes: number): RecordedValues => {
  if (allSame(texts)) return { kind: 'fill', fill: texts[0] ?? '' };
  const bytes = texts.reduce((total, text) => total + text.length, 0);
  return bytes > maxBytes ? { kind: 'large', bytes } : { kind: 'list', list: texts };
};

const sameList = (left: ArrayLike<unknown>, right: ArrayLike<unknown>): boolean => {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (!Object.is(left[index], right[index])) return false;
  }
  return true;
};

/** Whether two constants hold the same values. */
export const sameValues = (left: RecordedValues, right: RecordedValues): boolean => {
  if (left.kind === 'list') return right.kind === 'list' && sameList(left.list, right.list);
  if (left.kind === 'fill') return right.kind === 'fill' && Object.is(left.fill, right.fill);
  return right.kind === 'large' && left.bytes === right.bytes;
};
