import { sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { conversionOf } from './conversions';
import { DatasetError, describeValue } from './errors';
import { formatShape } from './input-signature';

/** Typed arrays that can hold a tensor's values. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array;

/** Strings, or the bytes of strings that may not be UTF-8. */
export type StringArray = readonly (string | Uint8Array)[];

/** The dtypes that values in host memory can have. */
export type HostDType = 'float32' | 'int32' | 'bool' | 'string';

/** Numbers, booleans or strings in arrays of equal lengths; the innermost ones may be typed arrays. */
export type NestedArray = readonly (number | boolean | string | NumericArray | NestedArray)[];

/** Flat values in row-major order, with their shape. */
export interface ShapedArray {
  readonly data: NumericArray | StringArray;
  readonly shape: readonly number[];
  /** By default float32 for float arrays, int32 for integer arrays, and string for strings. */
  readonly dtype?: HostDType;
}

/** Values that can become a tensor. A bare typed array has one dimension. */
export type HostValue = number | boolean | string | NumericArray | ShapedArray | NestedArray;

/**
 * A tensor's values in host memory: flat, in row-major order.
 *
 * Numbers may be stored in a narrower class than the dtype suggests, such as float32 pixels in a
 * Uint8Array. `denseValues()` widens them.
 */
export interface HostArray {
  readonly dtype: HostDType;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  readonly data: NumericArray | StringArray;
}

const classes = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
};

const classOf = (data: NumericArray): (new (length: number) => NumericArray) =>
  classes[data[Symbol.toStringTag] as keyof typeof classes];

/** Also true of a Node Buffer, which is a Uint8Array. */
export const isNumericArray = (value: unknown): value is NumericArray =>
  ArrayBuffer.isView(value) &&
  Object.hasOwn(classes, (value as NumericArray)[Symbol.toStringTag] ?? '');

const isShapedArray = (value: unknown): value is ShapedArray =>
  typeof value === 'object' && value !== null && 'data' in value && 'shape' in value;

/** Creates a zeroed typed array of the same class. */
export const allocateLike = (data: NumericArray, length: number): NumericArray =>
  new (classOf(data))(length);

/** Creates a zeroed typed array of the class in which tfjs stores a dtype. */
export const allocateFor = (dtype: 'float32' | 'int32' | 'bool', length: number): NumericArray =>
  dtype === 'float32'
    ? new Float32Array(length)
    : dtype === 'int32'
      ? new Int32Array(length)
      : new Uint8Array(length);

const dtypeOfNumeric = (data: NumericArray): 'float32' | 'int32' =>
  data[Symbol.toStringTag].startsWith('Float') ? 'float32' : 'int32';

const leafDTypes = { number: 'float32', boolean: 'bool', string: 'string' } as const;

/** The dtype of a single number, boolean or string; undefined for anything else. */
const dtypeOfLeaf = (leaf: unknown): HostDType | undefined =>
  leafDTypes[typeof leaf as keyof typeof leafDTypes];

/** Flat values from `start` to `end`: a view of a typed array, a copy of strings. */
export const sliceValues = (
  data: HostArray['data'],
  start: number,
  end: number,
): HostArray['data'] => (isNumericArray(data) ? data.subarray(start, end) : data.slice(start, end));

/** Numbers in the class in which tfjs stores the dtype. The same array if it has that class already. */
export const denseValues = (
  dtype: HostDType,
  data: NumericArray,
): Float32Array | Int32Array | Uint8Array => {
  if (dtype === 'float32') return data instanceof Float32Array ? data : new Float32Array(data);
  if (dtype === 'int32') return data instanceof Int32Array ? data : new Int32Array(data);
  return data instanceof Uint8Array ? data : Uint8Array.from(data, (value) => (value ? 1 : 0));
};

/**
 * Creates a tensor on the current backend. A backend that keeps values in host memory may refer to
 * the array instead of copying it, as with `tf.tensor`.
 */
export const tensorOf = ({ dtype, shape, data }: HostArray): tf.Tensor =>
  isNumericArray(data)
    ? tf.tensor(denseValues(dtype, data), [...shape], dtype)
    : // tfjs accepts bytes in place of strings, but its types don't say so.
      tf.tensor([...data] as string[], [...shape], 'string');

/** How `hostArrayOf()` reads a value. */
export interface ReadOptions {
  /** Whether to copy typed arrays and strings, because their owner may write to them again. */
  readonly copy?: boolean;
}

/**
 * Reads any value that can become a tensor.
 *
 * @param subject what the value is, for messages: `column "images"`
 * @returns float32 for numbers and float arrays, int32 for integer arrays, bool for booleans, string
 *   for strings. Refers to typed arrays unless `copy` is set.
 * @throws DatasetError that names the subject if the value cannot become a tensor
 */
export const hostArrayOf = (
  value: unknown,
  subject: string,
  { copy = false }: ReadOptions = {},
): HostArray => {
  if (isNumericArray(value)) return ofShaped({ data: value, shape: [value.length] }, subject, copy);
  if (Array.isArray(value)) return ofNested(value, subject);
  if (isShapedArray(value)) return ofShaped(value, subject, copy);
  const dtype = dtypeOfLeaf(value);
  if (dtype === 'string') return { dtype, shape: [], data: [String(value)] };
  if (dtype === 'bool') return { dtype, shape: [], data: Uint8Array.of(Number(value)) };
  if (dtype === 'float32') return { dtype, shape: [], data: Float32Array.of(Number(value)) };
  throw new DatasetError({
    subject,
    expected: 'a tensor, a typed array, { data, shape }, or numbers, booleans or strings',
    actual: describeValue(value),
    fix:
      conversionOf(value) ??
      (typeof value === 'object'
        ? 'Convert it to one of these. A nested dictionary must be flattened.'
        : 'Convert it to one of these.'),
  });
};

const MAX_INT32 = 2 ** 31 - 1;

/** @throws DatasetError if a value would change as an int32 */
export const assertIntegers = (data: NumericArray, subject: string): void => {
  if (dtypeOfNumeric(data) === 'int32') return;
  const values: Iterable<number> = data;
  for (const value of values) {
    if (Number.isInteger(value) && value >= -MAX_INT32 - 1 && value <= MAX_INT32) continue;
    throw new DatasetError({
      subject,
      expected: 'integers from -(2 ** 31) to 2 ** 31 - 1 for dtype int32',
      actual: String(value),
      fix: 'Round the values, or use dtype float32.',
    });
  }
};

/** Turns a Node Buffer into a plain Uint8Array on the same memory. */
const withoutSubclass = (data: NumericArray): NumericArray =>
  data instanceof Uint8Array && data.constructor !== Uint8Array
    ? new Uint8Array(data.buffer, data.byteOffset, data.length)
    : data;

const ofShaped = (
  { data, shape, dtype }: ShapedArray,
  subject: string,
  copy: boolean,
): HostArray => {
  const isNumeric = isNumericArray(data);
  if (!isNumeric && !(Array.isArray(data) && (dtype ?? 'string') === 'string')) {
    throw new DatasetError({
      subject,
      expected: 'a typed array of numbers, or an array of strings, as `data`',
      actual: `${describeValue(data)}${dtype === undefined ? '' : ` with dtype ${dtype}`}`,
      fix:
        conversionOf(data) ??
        'Pass the values as a flat Float32Array, Int32Array or Uint8Array, or as a flat array of strings.',
    });
  }
  if (!Array.isArray(shape) || shape.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new DatasetError({
      subject,
      expected: 'non-negative integers as `shape`',
      actual: Array.isArray(shape) ? formatShape(shape) : describeValue(shape),
      fix: 'Pass one size per dimension, such as [60000, 784].',
    });
  }
  if (sizeOf(shape) !== data.length) {
    throw new DatasetError({
      subject,
      expected: `${sizeOf(shape)} values for shape ${formatShape(shape)}`,
      actual: `${data.length}`,
      fix: 'The product of the sizes must equal the number of values.',
    });
  }
  if (!isNumeric) return { dtype: 'string', shape, data: copy ? data.slice() : data };
  if (dtype === 'string') {
    throw new DatasetError({
      subject,
      expected: 'an array of strings for dtype string',
      actual: describeValue(data),
      fix: 'Pass strings, or omit the dtype.',
    });
  }
  if (dtype === 'int32') assertIntegers(data, subject);
  const values = withoutSubclass(data);
  return { dtype: dtype ?? dtypeOfNumeric(data), shape, data: copy ? values.slice() : values };
};

/** The shape along the first values, and the first value itself: a leaf, or a typed array of them. */
const probe = (value: readonly unknown[]) => {
  const shape: number[] = [];
  let first: unknown = value;
  while (Array.isArray(first)) {
    shape.push(first.length);
    first = first[0];
  }
  return isNumericArray(first)
    ? { shape: [...shape, first.length], dtype: dtypeOfNumeric(first), row: first }
    : { shape, dtype: shape.includes(0) ? 'float32' : dtypeOfLeaf(first), first };
};

const ofNested = (value: readonly unknown[], subject: string): HostArray => {
  const { shape, dtype, row, first } = probe(value);
  const unexpected = (actual: string, value?: { readonly found: unknown }) =>
    new DatasetError({
      subject,
      expected: `${dtype ?? 'numbers, booleans or strings'} in arrays of shape ${formatShape(shape)}`,
      actual,
      fix:
        (value && conversionOf(value.found)) ??
        'All rows must have the same length, and all values the same type.',
    });
  if (dtype === undefined) throw unexpected(describeValue(first), { found: first });

  const strings: string[] = [];
  const numbers = row
    ? allocateLike(row, sizeOf(shape))
    : dtype === 'string'
      ? new Uint8Array(0)
      : allocateFor(dtype, sizeOf(shape));
  let filled = 0;

  const fillLeaf = (leaf: unknown) => {
    if (dtypeOfLeaf(leaf) !== dtype) {
      throw unexpected(`${describeValue(leaf)} among the values`, { found: leaf });
    }
    if (typeof leaf === 'string') strings.push(leaf);
    else numbers[filled] = Number(leaf);
    filled += 1;
  };
  const fill = (part: unknown, depth: number): void => {
    const length = Array.isArray(part) || isNumericArray(part) ? part.length : undefined;
    if (length === undefined) {
      throw unexpected(`${describeValue(part)} in place of an array`, { found: part });
    }
    if (length !== shape[depth]) throw unexpected(`length ${length} in dimension ${depth}`);
    const isInnermost = depth === shape.length - 1;
    if (isNumericArray(part)) {
      if (!row || !isInnermost || dtypeOfNumeric(part) !== dtype) {
        throw unexpected(`${describeValue(part)} among the values`);
      }
      numbers.set(part, filled);
      filled += part.length;
    } else if (Array.isArray(part)) {
      for (const inner of part) isInnermost ? fillLeaf(inner) : fill(inner, depth + 1);
    }
  };
  fill(value, 0);
  return { dtype, shape, data: dtype === 'string' ? strings : numbers };
};
