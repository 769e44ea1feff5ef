import * as tf from '@tensorflow/tfjs';

/** The dtypes that a tensor of tfjs may have. */
export const dtypes = ['float32', 'int32', 'bool', 'string', 'complex64'] as const;

export type Dtype = (typeof dtypes)[number];

/** Creates a tensor of the dtype under test, with reproducible values. */
export type MakeData = (shape: readonly number[]) => tf.Tensor;

/** One call of a kernel, for any dtype of its data. */
export interface KernelCase {
  readonly kernel: string;
  readonly inputs: (data: MakeData) => Readonly<Record<string, tf.Tensor>> | readonly tf.Tensor[];
  readonly attrs?: object | ((dtype: Dtype) => object);
}

const createValue: Readonly<
  Record<Exclude<Dtype, 'complex64'>, (index: number) => number | string>
> = {
  float32: (index) => (((index * 7) % 11) - 5) * 0.75,
  int32: (index) => ((index * 7) % 11) - 5,
  bool: (index) => (index % 3 === 0 || index % 5 === 0 ? 1 : 0),
  string: (index) => ['b', 'a', '', 'ä€', 'a b'][(index * 7) % 5] ?? '',
};

/** Creates tensors of a dtype, each with other values than the one before. */
export const makeDataOf = (dtype: Dtype): MakeData => {
  let next = 0;
  return (shape) => {
    const size = tf.util.sizeFromShape([...shape]);
    const indices = Array.from({ length: size }, () => next++);
    if (dtype === 'complex64') {
      const { float32 } = createValue;
      const part = (offset: number) =>
        tf.tensor(
          indices.map((index) => Number(float32(index + offset))),
          [...shape],
          'float32',
        );
      return tf.complex(part(0), part(3));
    }
    return tf.tensor(indices.map(createValue[dtype]), [...shape], dtype);
  };
};

/** An int32 tensor, such as indices. */
export const integers = (values: readonly number[], shape?: readonly number[]): tf.Tensor =>
  tf.tensor([...values], [...(shape ?? [values.length])], 'int32');

/** A float32 tensor, such as boxes. */
export const floats = (values: readonly number[], shape: readonly number[]): tf.Tensor =>
  tf.tensor([...values], [...shape], 'float32');
