import { sameShape } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { VariableMismatchError } from '../errors';
import type { CheckpointTensor } from '../ports';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Reads a tensor back from its backend, under its name in a checkpoint. */
export const toCheckpointTensor = async (
  name: string,
  tensor: tf.Tensor,
): Promise<CheckpointTensor> => {
  const { dtype, shape } = tensor;
  if (dtype === 'string') {
    const texts = await tensor.data<'string'>();
    return { name, dtype, shape, data: texts.map((text) => encoder.encode(text)) };
  }
  const data = await tensor.data();
  return { name, dtype, shape, data: data as Float32Array | Int32Array | Uint8Array };
};

/** An int64 scalar, the form in which TensorFlow saves its global step. */
export const int64Scalar = (name: string, value: number): CheckpointTensor => ({
  name,
  dtype: 'int64',
  shape: [],
  data: BigInt64Array.of(BigInt(value)),
});

/** The value of an integer scalar. */
export const integerOf = ({ data }: CheckpointTensor): number => Number(data[0] ?? 0);

/** Creates a tensor from a checkpoint's values; int64 values become the int32 of a variable. */
const fromCheckpointTensor = (saved: CheckpointTensor, dtype: tf.DataType): tf.Tensor => {
  const shape = [...saved.shape];
  switch (saved.dtype) {
    case 'string':
      return tf.tensor(
        saved.data.length === 0
          ? []
          : Array.from(saved.data as readonly Uint8Array[], (bytes) => decoder.decode(bytes)),
        shape,
        'string',
      );
    case 'complex64': {
      const pairs = saved.data as Float32Array;
      const part = (offset: number) =>
        tf.tensor(
          Float32Array.from({ length: pairs.length / 2 }, (_, i) => pairs[2 * i + offset] ?? 0),
          shape,
        );
      return tf.tidy(() => tf.complex(part(0), part(1)));
    }
    case 'int64':
      return tf.tensor(Int32Array.from(saved.data as BigInt64Array, Number), shape, dtype);
    default:
      return tf.tensor(saved.data as Float32Array | Int32Array | Uint8Array, shape, dtype);
  }
};

const isAssignable = (saved: CheckpointTensor['dtype'], dtype: tf.DataType): boolean =>
  saved === dtype || (saved === 'int64' && dtype === 'int32');

/** @throws VariableMismatchError for an int64 value that int32 can't hold */
const assertInt32 = ({ name, data }: CheckpointTensor, variable: tf.Tensor): void => {
  if (variable.dtype !== 'int32' || !(data instanceof BigInt64Array)) return;
  const found = data.find((value) => BigInt.asIntN(32, value) !== value);
  if (found === undefined) return;
  throw new VariableMismatchError(name, {
    expected: "values of int32, the dtype of the model's variable",
    actual: `${found}`,
    fix: 'Restore a checkpoint whose values are from -2147483648 to 2147483647.',
  });
};

/**
 * Checks that a saved tensor fits a variable.
 *
 * @throws VariableMismatchError naming the variable and both shapes or dtypes, or a value out of range
 */
export const assertFits = (saved: CheckpointTensor, variable: tf.Tensor): void => {
  if (sameShape(saved.shape, variable.shape) && isAssignable(saved.dtype, variable.dtype)) {
    assertInt32(saved, variable);
    return;
  }
  throw new VariableMismatchError(saved.name, {
    expected: `the model's ${variable.dtype} of shape [${variable.shape}]`,
    actual: `${saved.dtype} of shape [${saved.shape}] in the checkpoint`,
    fix: 'Restore a checkpoint of this model, or use the layer sizes that it was saved with.',
  });
};

/** A variable and the saved value for it. */
export type Assignment = readonly [variable: tf.Variable, saved: CheckpointTensor];

/** Assigns saved values to variables: all of them or none. The values must have been checked. */
export const assignAll = (assignments: readonly Assignment[]): void =>
  tf.tidy(() => {
    const values = assignments.map(
      ([variable, saved]) => [variable, fromCheckpointTensor(saved, variable.dtype)] as const,
    );
    for (const [variable, value] of values) variable.assign(value);
  });
