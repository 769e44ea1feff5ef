import type * as tf from '@tensorflow/tfjs';

/** What is known of a tensor before it exists. The name is TensorFlow's. */
export interface TensorSpec {
  readonly dtype: tf.DataType;
  /** null where a dimension may differ from tensor to tensor, as the batch's does. */
  readonly shape: readonly (number | null)[];
}

/** Specs of a batch's features by name, in the order of the dataset. */
export type InputSignature = Readonly<Record<string, TensorSpec>>;

/** `[null,784]`, as messages show it. */
export const formatShape = (shape: readonly (number | null)[]): string =>
  `[${shape.map((dimension) => String(dimension)).join(',')}]`;

/** `float32 [null,784]`, as messages show it. */
export const formatSpec = ({ dtype, shape }: TensorSpec): string =>
  `${dtype} ${formatShape(shape)}`;

/** Whether a shape is one of those that `expected` stands for. */
export const shapeFits = (
  actual: readonly (number | null)[],
  expected: readonly (number | null)[],
): boolean =>
  actual.length === expected.length &&
  expected.every((dimension, axis) => dimension === null || dimension === actual[axis]);
