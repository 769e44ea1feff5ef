import * as tf from '@tensorflow/tfjs';
import type { Distribution, DistributionParameters } from '../graph/types';
import { mixSeed } from './mix-seed';

/** What to draw, and from which numbers it follows. */
export interface RandomTensorOptions {
  readonly distribution: Distribution;
  readonly shape: readonly number[];
  /** float32 by default; int32 values are rounded. */
  readonly dtype?: 'float32' | 'int32' | undefined;
  readonly parameters?: DistributionParameters | undefined;
  /** Of the call or run that the tensor belongs to. */
  readonly seed: number;
  /** Which of the call's random tensors this is; the same seed and index give the same values. */
  readonly index: number;
}

/** The kernel that draws random tensors: one whose values a trace does not freeze. */
export const RANDOM_KERNEL = 'ElistimatorRandom';

/** Values from tfjs's own generators, which are the same on every backend. */
const draw = (options: RandomTensorOptions): tf.Tensor => {
  const { distribution, dtype = 'float32', parameters = {}, seed, index } = options;
  const shape = [...options.shape];
  // tfjs's normal generators take a seed of 0 for none.
  const mixed = mixSeed(seed, index) || 1;
  const { minval = 0, maxval = 1, mean = 0, stddev = 1 } = parameters;
  switch (distribution) {
    case 'uniform':
      return tf.randomUniform(shape, minval, maxval, dtype, mixed);
    case 'normal':
      return tf.randomNormal(shape, mean, stddev, dtype, mixed);
    case 'truncatedNormal':
      return tf.truncatedNormal(shape, mean, stddev, dtype, mixed);
  }
};

/** The kernel belongs to tfjs's registry, which asks for it by backend. */
const registerFor = (backendName: string): void => {
  if (tf.getKernel(RANDOM_KERNEL, backendName) !== undefined) return;
  tf.registerKernel({
    kernelName: RANDOM_KERNEL,
    backendName,
    kernelFunc: ({ attrs }) => draw(attrs as unknown as RandomTensorOptions),
  });
};

/**
 * A tensor of random values that follow from `seed` and `index` alone. In a trace it becomes a random
 * operation of the graph, whose seed each run gives anew; `tf.randomUniform` and its like would be
 * constants.
 *
 * @returns a tensor of the shape and dtype asked for; the caller disposes it, or `tf.tidy` does
 */
export const randomTensor = <R extends tf.Rank = tf.Rank>(
  options: RandomTensorOptions,
): tf.Tensor<R> => {
  registerFor(tf.getBackend());
  const { distribution, shape, dtype = 'float32', parameters = {}, seed, index } = options;
  const attributes = { distribution, shape: [...shape], dtype, parameters, seed, index };
  return tf.engine().runKernel(RANDOM_KERNEL, {}, attributes as unknown as tf.NamedAttrMap);
};
