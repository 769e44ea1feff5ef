import * as tf from '@tensorflow/tfjs';
import { VariableMismatchError } from '../errors';
import type { CheckpointTensor } from '../ports/checkpoint-store';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Reads a tensor back from its backend, under the name that a checkpoint gives it. */
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

/** An int64 scalar, as TensorFlow keeps its global step. */
export const int64Scalar = (name: string, value: number): CheckpointTensor => ({
  name,
  dtype: 'int64',
  shape: [],
  data: BigInt64Array.of(BigInt(value)),
});

/** The value of an integer scalar. */
export const integerOf = ({ data }: CheckpointTensor): number => Number(data[0] ?? 0);

/**
 * Makes a tensor of a checkpoint's values. The caller disposes it.
 *
 * @param dtype what the variable is; int64 values fit an int32 variable as long as they are in its range
 */
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

const fits = (saved: CheckpointTensor['dtype'], dtype: tf.DataType): boolean =>
  saved === dtype || (saved === 'int64' && dtype === 'int32');

/**
 * Checks that a saved tensor fits where it is to go.
 *
 * @throws VariableMismatchError that names the variable and both shapes or dtypes
 */
export const checkFits = (saved: CheckpointTensor, target: tf.Tensor): void => {
  const sameShape =
    saved.shape.length === target.shape.length &&
    saved.shape.every((size, axis) => size === target.shape[axis]);
  if (sameShape && fits(saved.dtype, target.dtype)) return;
  throw new VariableMismatchError(saved.name, {
    expected: `${target.dtype} of shape [${target.shape}], as the model has it`,
    actual: `${saved.dtype} of shape [${saved.shape}] in the checkpoint`,
    fix: 'Restore a checkpoint of this model, or give the model the layer sizes that it was saved with.',
  });
};

/** Assigns saved values to variables, all of them or none. Shapes and dtypes must have been checked. */
export const assignAll = (
  assignments: readonly (readonly [tf.Variable, CheckpointTensor])[],
): void =>
  tf.tidy(() => {
    const values = assignments.map(
      ([variable, saved]) => [variable, fromCheckpointTensor(saved, variable.dtype)] as const,
    );
    for (const [variable, value] of values) variable.assign(value);
  });

/**
 * Assigns values to the variables of the same names, all of them or none.
 *
 * @throws VariableMismatchError for a name, shape or dtype that the variables do not have
 */
export const assignByName = (
  variables: readonly { readonly name: string; readonly variable: tf.Variable }[],
  tensors: readonly CheckpointTensor[],
): void => {
  const byName = new Map(variables.map(({ name, variable }) => [name, variable]));
  const assignments = tensors.map((tensor) => {
    const variable = byName.get(tensor.name);
    if (variable === undefined) {
      throw new VariableMismatchError(tensor.name, {
        expected: `one of ${[...byName.keys()].join(', ')}`,
        actual: 'a name that the model does not have',
        fix: 'Give values for variables of the model only.',
      });
    }
    checkFits(tensor, variable);
    return [variable, tensor] as const;
  });
  assignAll(assignments);
};
