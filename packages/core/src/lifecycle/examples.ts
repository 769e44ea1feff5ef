import { sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';
import type { FeatureTensors } from '../model/model';
import { featureRanges } from '../trace/trace-model';

/** Features that a model is known to accept. Plain JSON. */
export interface Examples {
  /** A shape for each feature, with a batch of 1. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** A value for each numeric feature, where 0 may be invalid, for example as an index. */
  readonly values: Readonly<Record<string, number>>;
}

/** The shapes and least values of the features in a batch. */
export const examplesOf = (features: FeatureTensors): Examples => ({
  shapes: Object.fromEntries(
    Object.entries(features).map(([name, { shape }]) => [
      name,
      shape.map((size, axis) => (axis === 0 ? 1 : size)),
    ]),
  ),
  values: Object.fromEntries(
    Object.entries(featureRanges(features)).map(([name, [low]]) => [name, low] as const),
  ),
});

const emptyStrings = (shape: number[]): tf.Tensor =>
  tf.tensor(new Array<string>(sizeOf(shape)).fill(''), shape, 'string');

/**
 * Creates a batch of one example, enough to create a model's variables when there is no data at hand.
 * Its strings are empty. The caller disposes the tensors.
 */
export const exampleFeatures = (
  signature: InputSignature,
  { shapes, values }: Examples,
): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(signature).map(([name, { dtype, shape }]) => {
      const sizes = [...(shapes[name] ?? shape.map((size) => size ?? 1))];
      // Not all backends have kernels for strings.
      if (dtype === 'string') return [name, emptyStrings(sizes)];
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return [name, value === undefined ? tf.zeros(sizes, dtype) : tf.fill(sizes, value, dtype)];
    }),
  );
