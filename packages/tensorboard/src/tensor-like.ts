import { describeArgument, sizeOf } from '@elistimator/internal';
import { SummaryValueError } from './errors';

/** A tensor whose values must be read from a device, such as a tfjs tensor. */
export interface DeviceTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  dataSync(): ArrayLike<number>;
}

/** A tensor with its values in memory, flat and in row-major order. */
export interface HostTensor {
  readonly shape: readonly number[];
  /** Default: derived from `data`; Float32Array, Float64Array and plain arrays are floats. */
  readonly dtype?: string | undefined;
  readonly data: ArrayLike<number>;
}

/** Any tensor of numbers. */
export type TensorLike = DeviceTensor | HostTensor;

const isNumbers = (data: unknown): data is ArrayLike<number> =>
  Array.isArray(data) ||
  (ArrayBuffer.isView(data) &&
    !(data instanceof DataView) &&
    !(data instanceof BigInt64Array) &&
    !(data instanceof BigUint64Array));

const isTensorLike = (value: unknown): value is TensorLike =>
  typeof value === 'object' &&
  value !== null &&
  'shape' in value &&
  Array.isArray(value.shape) &&
  ('dataSync' in value ? typeof value.dataSync === 'function' : 'data' in value);

const assertNumbers = (tag: string, data: unknown): void => {
  if (isNumbers(data)) return;
  const actual = describeArgument(data);
  const fix = 'Convert the values to a Float32Array or an Int32Array.';
  throw new SummaryValueError(tag, 'values that are an array of numbers', actual, fix);
};

/**
 * Reads the values of a tensor.
 *
 * @throws SummaryValueError if it is not a tensor, or the number of values does not match the shape
 */
export const readTensor = (tag: string, tensor: TensorLike): HostTensor => {
  if (!isTensorLike(tensor)) {
    const expected = 'a tensor, or { data, shape }';
    const fix = 'Pass a tensor of tfjs, or its values with their shape.';
    throw new SummaryValueError(tag, expected, describeArgument(tensor), fix);
  }
  const data = 'dataSync' in tensor ? tensor.dataSync() : tensor.data;
  assertNumbers(tag, data);
  const { shape, dtype } = tensor;
  if (data.length !== sizeOf(shape)) {
    throw new SummaryValueError(
      tag,
      `${sizeOf(shape)} values for shape [${shape}]`,
      `${data.length} values`,
      'Pass the shape that belongs to the data.',
    );
  }
  return { shape, dtype, data };
};

/**
 * Reads the values of a tensor or an array; an array has one dimension.
 *
 * @throws SummaryValueError if the number of values does not match the shape
 */
export const readNumbers = (tag: string, values: TensorLike | ArrayLike<number>): HostTensor => {
  if (typeof values === 'object' && values !== null && 'shape' in values) {
    return readTensor(tag, values);
  }
  assertNumbers(tag, values);
  return { data: values, shape: [values.length] };
};

/** True if the values are floats, according to the dtype or, without one, to the type of the array. */
export const isFloatTensor = ({ data, dtype }: HostTensor): boolean =>
  dtype === undefined
    ? Array.isArray(data) || data instanceof Float32Array || data instanceof Float64Array
    : dtype === 'float32';

/**
 * Reads a number, or the only value of a tensor.
 *
 * @throws SummaryValueError if the tensor does not have exactly one value
 */
export const readScalar = (tag: string, scalar: number | TensorLike): number => {
  if (typeof scalar === 'number') return scalar;
  if (!isTensorLike(scalar)) {
    throw new SummaryValueError(
      tag,
      'a number or a tensor with one value',
      describeArgument(scalar),
      typeof scalar === 'string' ? 'Use Number(value), or text() for a text.' : 'Pass a number.',
    );
  }
  const { data, shape } = readTensor(tag, scalar);
  const value = data[0];
  if (value === undefined || data.length !== 1) {
    throw new SummaryValueError(
      tag,
      'a number or a tensor with one value',
      `a tensor of shape [${shape}]`,
      'Reduce it to one value, for example its mean, or record a histogram.',
    );
  }
  return value;
};
