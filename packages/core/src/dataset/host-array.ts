import * as tf from '@tensorflow/tfjs';
import { isNumericArray, type NumericArray } from './numeric-array';

/** dtypes that values in the host's memory can have. */
export type HostDType = 'float32' | 'int32' | 'bool' | 'string';

/** Strings, or the bytes of strings that may not be UTF-8. */
export type StringArray = readonly (string | Uint8Array)[];

/**
 * A tensor's values before they reach a backend: flat, row-major.
 * Numbers may be stored narrower than the dtype says, as float32 pixels in a Uint8Array; they widen
 * when the tensor is made.
 */
export interface HostArray {
  readonly dtype: HostDType;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  readonly data: NumericArray | StringArray;
}

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((size, dimension) => size * dimension, 1);

/** Values `start` to `end`, flat: a view of a typed array, a copy of strings. */
export const sliceValues = (
  data: HostArray['data'],
  start: number,
  end: number,
): HostArray['data'] => (isNumericArray(data) ? data.subarray(start, end) : data.slice(start, end));

/** A copy that no longer changes with the original. */
export const copyOf = (host: HostArray): HostArray => ({ ...host, data: host.data.slice() });

const storedAs = (dtype: HostDType, data: NumericArray): Float32Array | Int32Array | Uint8Array => {
  if (dtype === 'float32') return data instanceof Float32Array ? data : new Float32Array(data);
  if (dtype === 'int32') return data instanceof Int32Array ? data : new Int32Array(data);
  return data instanceof Uint8Array ? data : Uint8Array.from(data, (value) => (value ? 1 : 0));
};

/**
 * The tensor of these values. Where they are stored as tfjs stores the dtype, a backend that keeps
 * values in the host's memory refers to them instead of copying them, as `tf.tensor` does.
 */
export const tensorOf = ({ dtype, shape, data }: HostArray): tf.Tensor =>
  isNumericArray(data)
    ? tf.tensor(storedAs(dtype, data), [...shape], dtype)
    : // tfjs takes bytes in place of strings, its types don't say so.
      tf.tensor([...data] as string[], [...shape], 'string');
