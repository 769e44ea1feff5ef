import * as tf from '@tensorflow/tfjs';
import type { AttributeValue, ConstantElements } from '../ir/types';

/** The values of a constant, as far as they are needed. */
export type RecordedValues =
  | { readonly kind: 'list'; readonly list: ConstantElements }
  /** Every element is the same. */
  | { readonly kind: 'fill'; readonly fill: number | string }
  /** More than a constant may have. */
  | { readonly kind: 'large'; readonly bytes: number };

/** The values of a tensor as tfjs passes them. */
type Values = tf.DataValues | readonly string[] | readonly Uint8Array[] | readonly number[];

const toStrings = (values: Values): readonly string[] =>
  Array.from(values as readonly (string | Uint8Array)[], (value) =>
    typeof value === 'string' ? value : tf.util.decodeString(value),
  );

const toTypedArray = (values: Values, dtype: tf.DataType) => {
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

/** The size of a tensor's values in bytes; a lower limit for strings. */
export const byteSize = (dtype: tf.DataType, size: number): number => {
  if (dtype === 'complex64') return 8 * size;
  return dtype === 'bool' || dtype === 'string' ? size : 4 * size;
};

const recordStrings = (strings: readonly string[], maxBytes: number): RecordedValues => {
  if (allSame(strings)) return { kind: 'fill', fill: strings[0] ?? '' };
  const bytes = strings.reduce((total, string) => total + string.length, 0);
  return bytes > maxBytes ? { kind: 'large', bytes } : { kind: 'list', list: strings };
};

/** Copies a tensor's values: one value if all are the same, and only their size beyond `maxBytes`. */
export const recordValues = (
  values: Values,
  dtype: tf.DataType,
  maxBytes: number,
): RecordedValues => {
  if (dtype === 'string') return recordStrings(toStrings(values), maxBytes);
  // A fill value is one number, which can't express pairs of real and imaginary part.
  if (dtype !== 'complex64' && allSame(values)) {
    return { kind: 'fill', fill: toTypedArray([values[0] as number], dtype)[0] as number };
  }
  const bytes = byteSize(dtype === 'complex64' ? 'float32' : dtype, values.length);
  if (bytes > maxBytes) return { kind: 'large', bytes };
  return { kind: 'list', list: toTypedArray(values, dtype) };
};

const sameList = (left: ArrayLike<unknown>, right: ArrayLike<unknown>): boolean => {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (!Object.is(left[index], right[index])) return false;
  }
  return true;
};

export const sameValues = (left: RecordedValues, right: RecordedValues): boolean => {
  if (left.kind === 'list') return right.kind === 'list' && sameList(left.list, right.list);
  if (left.kind === 'fill') return right.kind === 'fill' && Object.is(left.fill, right.fill);
  return right.kind === 'large' && left.bytes === right.bytes;
};

const MAX_DEPTH = 16;

const recordAttribute = (value: unknown, path: string, depth: number): AttributeValue => {
  if (value === null || value === undefined) return value;
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') {
    return value;
  }
  const isList =
    Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (depth < MAX_DEPTH && isList) {
    return Array.from(value as ArrayLike<unknown>, (part, index) =>
      recordAttribute(part, `${path}[${index}]`, depth + 1),
    );
  }
  const prototype: unknown = typeof value === 'object' && Object.getPrototypeOf(value);
  if (depth < MAX_DEPTH && (prototype === Object.prototype || prototype === null)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [
        key,
        recordAttribute(part, `${path}.${key}`, depth + 1),
      ]),
    );
  }
  const type = typeof value === 'object' ? value.constructor.name : typeof value;
  throw new TypeError(`${path}, a ${type}`);
};

/**
 * Copies a kernel's attributes; typed arrays become lists.
 *
 * @returns a TypeError that names the attribute if one can't be stored
 */
export const recordAttributes = (
  attributes: object,
): Record<string, AttributeValue> | TypeError => {
  try {
    return Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, recordAttribute(value, name, 0)]),
    );
  } catch (error) {
    if (error instanceof TypeError) return error;
    throw error;
  }
};
