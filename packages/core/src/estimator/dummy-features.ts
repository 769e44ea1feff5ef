import * as tf from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';

/** A shape for each feature, the batch being 1. */
export type ExampleShapes = Readonly<Record<string, readonly number[]>>;

/** The shapes of one example of a batch. */
export const exampleShapesOf = (features: Readonly<Record<string, tf.Tensor>>): ExampleShapes =>
  Object.fromEntries(
    Object.entries(features).map(([name, { shape }]) => [
      name,
      shape.map((size, axis) => (axis === 0 ? 1 : size)),
    ]),
  );

/**
 * One example of zeros (or empty strings): enough to make a model's variables when there is no data at
 * hand. The caller disposes the tensors.
 */
export const dummyFeatures = (
  signature: InputSignature,
  shapes: ExampleShapes,
): Record<string, tf.Tensor> => {
  const zeros = (name: string, { dtype, shape }: InputSignature[string]): tf.Tensor => {
    const sizes = [...(shapes[name] ?? shape.map((size) => size ?? 1))];
    return dtype === 'string' ? tf.fill(sizes, '', 'string') : tf.zeros(sizes, dtype);
  };
  return Object.fromEntries(
    Object.entries(signature).map(([name, spec]) => [name, zeros(name, spec)] as const),
  );
};
