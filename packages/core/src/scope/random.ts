import { randomTensor } from '@elistimator/graph';
import { checkedFunction, kinds, optional, required } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { currentModelCall } from './model-call';

/*
 * Random tensors for model functions. They depend on the estimator's seed, the global step and the
 * operation's index in the model function alone, so a resumed run, and the model's graph, draw what
 * the unbroken run would have drawn. The generator is Philox 4x32-10, as in TensorFlow's stateless ops.
 */

const shape = required(kinds.array);
const number = optional(kinds.finiteNumber);

const next = (caller: string) => currentModelCall(caller).nextDraw();

/**
 * Draws uniformly distributed values from `[min, max)`.
 *
 * @param shape the result's shape
 * @param min default: 0
 * @param max default: 1
 * @param dtype float32 by default; int32 values are rounded down
 */
export const uniform = checkedFunction(
  'random.uniform()',
  { shape, min: number, max: number, dtype: optional() },
  <R extends tf.Rank>(
    shape: tf.ShapeMap[R],
    min = 0,
    max = 1,
    dtype: 'float32' | 'int32' = 'float32',
  ): tf.Tensor<R> =>
    randomTensor<R>({
      distribution: 'uniform',
      shape,
      dtype,
      parameters: { minval: min, maxval: max },
      ...next('random.uniform()'),
    }),
);

/**
 * Draws normally distributed values, as float32.
 *
 * @param shape the result's shape
 * @param mean default: 0
 * @param stdDev default: 1
 */
export const normal = checkedFunction(
  'random.normal()',
  { shape, mean: number, stdDev: number },
  <R extends tf.Rank>(shape: tf.ShapeMap[R], mean = 0, stdDev = 1): tf.Tensor<R> =>
    randomTensor<R>({
      distribution: 'normal',
      shape,
      parameters: { mean, stddev: stdDev },
      ...next('random.normal()'),
    }),
);

/**
 * Draws normally distributed values, as float32, and redraws those more than two standard deviations
 * from the mean.
 *
 * @param shape the result's shape
 * @param mean default: 0
 * @param stdDev default: 1
 */
export const truncatedNormal = checkedFunction(
  'random.truncatedNormal()',
  { shape, mean: number, stdDev: number },
  <R extends tf.Rank>(shape: tf.ShapeMap[R], mean = 0, stdDev = 1): tf.Tensor<R> =>
    randomTensor<R>({
      distribution: 'truncatedNormal',
      shape,
      parameters: { mean, stddev: stdDev },
      ...next('random.truncatedNormal()'),
    }),
);

/** Draws ones with probability `p` (default: 0.5), else zeros, as float32. */
export const bernoulli = checkedFunction(
  'random.bernoulli()',
  { shape, p: number },
  <R extends tf.Rank>(shape: tf.ShapeMap[R], p = 0.5): tf.Tensor<R> =>
    tf.tidy(() => {
      const drawn = randomTensor<R>({
        distribution: 'uniform',
        shape,
        ...next('random.bernoulli()'),
      });
      return tf.less(drawn, p).toFloat();
    }) as tf.Tensor<R>,
);
