import * as tf from '@tensorflow/tfjs';
import { type InputSpec, mixSeed } from '../../src';

/** Inputs for a batch size, and a length for other open dimensions. The same seed gives the same values. */
export const makeInputs = (
  inputs: Readonly<Record<string, InputSpec>>,
  batchSize: number,
  seed: number,
  classes = 2,
  length = batchSize,
): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype = 'float32' }], place) => {
      const sizes = shape.map((size, axis) =>
        typeof size === 'number' ? size : axis === 0 ? batchSize : length,
      );
      const values = Array.from({ length: tf.util.sizeFromShape(sizes) }, (_, index) => {
        const fraction = mixSeed(seed, place, index) / 2 ** 32;
        return dtype === 'float32' ? 2 * fraction - 1 : Math.floor(fraction * classes);
      });
      return [name, tf.tensor(values, sizes, dtype)];
    }),
  );

/** Every value, by name. */
export type Values = Record<string, readonly (number | string)[]>;

export const valuesOf = (tensors: Readonly<Record<string, tf.Tensor>>): Values =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]),
  );

/** All variables, by their name in tfjs. */
export const allVariables = (): Record<string, tf.Variable> => ({
  ...tf.engine().registeredVariables,
});

/** Runs `fn`, and restores the variables. */
export const withVariablesRestored = <T>(fn: () => T): T => {
  const before = Object.values(allVariables()).map((variable) => ({
    variable,
    value: tf.keep(variable.clone()),
  }));
  try {
    return fn();
  } finally {
    for (const { variable, value } of before) {
      variable.assign(value);
      value.dispose();
    }
  }
};
