import { SummaryValueError } from './errors';

/** A tensor as tfjs has it. */
export interface DeviceTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  dataSync(): ArrayLike<number>;
}

/** A tensor's values, flat and row-major. */
export interface HostTensor {
  readonly shape: readonly number[];
  /** Absent, it follows from `data`: float for Float32Array, Float64Array and plain arrays. */
  readonly dtype?: string | undefined;
  readonly data: ArrayLike<number>;
}

/** Anything that holds numbers and has a shape. */
export type TensorLike = DeviceTensor | HostTensor;

const sizeOf = (shape: readonly number[]) => shape.reduce((size, dimension) => size * dimension, 1);

/**
 * Reads a tensor's values, and checks that its shape holds them.
 *
 * @throws SummaryValueError that names the tag
 */
export const readTensor = (tag: string, tensor: TensorLike): HostTensor => {
  const data = 'dataSync' in tensor ? tensor.dataSync() : tensor.data;
  const { shape, dtype } = tensor;
  if (data.length !== sizeOf(shape)) {
    throw new SummaryValueError(
      tag,
      `${sizeOf(shape)} values for shape [${shape}]`,
      `${data.length} values`,
      'Give the shape that belongs to the data.',
    );
  }
  return { shape, dtype, data };
};

/**
 * Reads the values of a tensor, or of just numbers, which count as one dimension.
 *
 * @throws SummaryValueError that names the tag
 */
export const readNumbers = (tag: string, values: TensorLike | ArrayLike<number>): HostTensor =>
  'shape' in values ? readTensor(tag, values) : { data: values, shape: [values.length] };

/** Whether values are floats by their tensor's type, or else by the array that holds them. */
export const isFloatTensor = ({ data, dtype }: HostTensor): boolean =>
  dtype === undefined
    ? Array.isArray(data) || data instanceof Float32Array || data instanceof Float64Array
    : dtype === 'float32';

/**
 * The number that a scalar holds.
 *
 * @throws SummaryValueError when there is not exactly one
 */
export const readScalar = (tag: string, scalar: number | TensorLike): number => {
  if (typeof scalar === 'number') return scalar;
  const { data, shape } = readTensor(tag, scalar);
  const value = data[0];
  if (value === undefined || data.length !== 1) {
    throw new SummaryValueError(
      tag,
      'a number or a tensor with one value',
      `a tensor of shape [${shape}]`,
      'Reduce it first, or record a histogram.',
    );
  }
  return value;
};
