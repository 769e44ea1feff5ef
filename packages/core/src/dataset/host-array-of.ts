import { DatasetError } from './dataset-error';
import { describe } from './describe';
import { type HostArray, type HostDType, type StringArray, sizeOf } from './host-array';
import { dtypeOfLeaf, hostArrayOfNested, type NestedArray } from './nested-array';
import { dtypeOfNumeric, isNumericArray, type NumericArray } from './numeric-array';
import { formatShape } from './tensor-spec';

/** Flat values, row-major, with their shape, and the dtype if it is not the data's own. */
export interface ShapedArray {
  readonly data: NumericArray | StringArray;
  readonly shape: readonly number[];
  /** float32 of float arrays, int32 of integer arrays and string of strings when absent. */
  readonly dtype?: HostDType;
}

/** Values that become a tensor. A bare typed array has one dimension. */
export type HostValue = number | boolean | string | NumericArray | ShapedArray | NestedArray;

const isShapedArray = (value: unknown): value is ShapedArray =>
  typeof value === 'object' && value !== null && 'data' in value && 'shape' in value;

/** A Node Buffer as the Uint8Array that it is; everything else as it comes. */
const plain = (data: NumericArray): NumericArray =>
  data instanceof Uint8Array && data.constructor !== Uint8Array
    ? new Uint8Array(data.buffer, data.byteOffset, data.length)
    : data;

const ofShaped = ({ data, shape, dtype }: ShapedArray, subject: string): HostArray => {
  const isNumeric = isNumericArray(data);
  if (!isNumeric && !(Array.isArray(data) && (dtype ?? 'string') === 'string')) {
    throw new DatasetError({
      subject,
      expected: 'a typed array of numbers, or an array of strings, as `data`',
      actual: `${describe(data)}${dtype === undefined ? '' : ` with dtype ${dtype}`}`,
      fix: 'Give the values as a Float32Array, an Int32Array, a Uint8Array or strings, flat.',
    });
  }
  if (!Array.isArray(shape) || shape.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new DatasetError({
      subject,
      expected: 'a `shape` of integers from 0 up',
      actual: Array.isArray(shape) ? formatShape(shape) : describe(shape),
      fix: 'Give one size for each dimension, as in [60000, 784].',
    });
  }
  if (sizeOf(shape) !== data.length) {
    throw new DatasetError({
      subject,
      expected: `${sizeOf(shape)} values for shape ${formatShape(shape)}`,
      actual: `${data.length}`,
      fix: 'Give a shape whose sizes multiply to the number of values.',
    });
  }
  if (!isNumeric) return { dtype: 'string', shape, data };
  if (dtype === 'string') {
    throw new DatasetError({
      subject,
      expected: 'an array of strings for dtype string',
      actual: describe(data),
      fix: 'Give strings, or leave the dtype out.',
    });
  }
  return { dtype: dtype ?? dtypeOfNumeric(data), shape, data: plain(data) };
};

/**
 * Any value that a tensor can be made of. Typed arrays are referred to, not copied.
 *
 * @param subject what the value is, for messages: `column "images"`
 * @returns float32 of numbers and float arrays, int32 of integer arrays, bool of booleans, string of strings
 * @throws DatasetError naming the subject when it is no such value, or its shape and its values don't agree
 */
export const hostArrayOf = (value: unknown, subject: string): HostArray => {
  if (isNumericArray(value)) return ofShaped({ data: value, shape: [value.length] }, subject);
  if (Array.isArray(value)) return hostArrayOfNested(value, subject);
  if (isShapedArray(value)) return ofShaped(value, subject);
  const dtype = dtypeOfLeaf(value);
  if (dtype === 'string') return { dtype, shape: [], data: [value as string] };
  if (dtype === 'bool') return { dtype, shape: [], data: Uint8Array.of(Number(value)) };
  if (dtype === 'float32') return { dtype, shape: [], data: Float32Array.of(Number(value)) };
  throw new DatasetError({
    subject,
    expected: 'a tensor, a typed array, { data, shape }, or numbers, booleans or strings',
    actual: describe(value),
    fix:
      typeof value === 'object' && value !== null
        ? 'Convert it to one of these; members of a nested dictionary need names of their own.'
        : 'Convert it to one of these.',
  });
};
