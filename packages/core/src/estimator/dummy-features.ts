import * as tf from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';
import { featureRanges } from '../model/feature-ranges';

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

/** A value for each feature that a model is known to take, where 0 may be none (as an index). */
export type ExampleValues = Readonly<Record<string, number>>;

/** The least value of each numeric feature. */
export const exampleValuesOf = (features: Readonly<Record<string, tf.Tensor>>): ExampleValues =>
  Object.fromEntries(
    Object.entries(featureRanges(features)).map(([name, [low]]) => [name, low] as const),
  );

/**
 * One example of known values, of zeros, or of empty strings: enough to make a model's variables when
 * there is no data at hand. The caller disposes the tensors.
 */
export const dummyFeatures = (
  signature: InputSignature,
  shapes: ExampleShapes,
  values: ExampleValues = {},
): Record<string, tf.Tensor> => {
  const zeros = (name: string, { dtype, shape }: InputSignature[string]): tf.Tensor => {
    const sizes = [...(shapes[name] ?? shape.map((size) => size ?? 1))];
    if (dtype === 'string') return tf.fill(sizes, '', 'string');
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? tf.zeros(sizes, dtype) : tf.fill(sizes, value, dtype);
  };
  return Object.fromEntries(
    Object.entries(signature).map(([name, spec]) => [name, zeros(name, spec)] as const),
  );
};
