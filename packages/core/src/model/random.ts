import * as tf from '@tensorflow/tfjs';
import { currentModelCall } from './model-call';

/*
 * Random tensors for model functions. Seeds follow from the estimator's seed, the global step and the
 * operation's place in the model function, so a resumed run draws what the unbroken one would have.
 */

const seedOf = (what: string): number => currentModelCall(what).nextSeed();

/** Values drawn evenly from `[min, max)`. */
export const uniform = <R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  min = 0,
  max = 1,
  dtype: 'float32' | 'int32' = 'float32',
): tf.Tensor<R> => tf.randomUniform(shape, min, max, dtype, seedOf('random.uniform()'));

/** Normally distributed values. */
export const normal = <R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  mean = 0,
  stdDev = 1,
): tf.Tensor<R> => tf.randomNormal(shape, mean, stdDev, 'float32', seedOf('random.normal()'));

/** Normally distributed values, redrawn when more than two standard deviations from the mean. */
export const truncatedNormal = <R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  mean = 0,
  stdDev = 1,
): tf.Tensor<R> =>
  tf.truncatedNormal(shape, mean, stdDev, 'float32', seedOf('random.truncatedNormal()'));

/** Ones with probability `p`, else zeros, as float32. */
export const bernoulli = <R extends tf.Rank>(shape: tf.ShapeMap[R], p = 0.5): tf.Tensor<R> =>
  tf.tidy(() =>
    tf.less(tf.randomUniform(shape, 0, 1, 'float32', seedOf('random.bernoulli()')), p).toFloat(),
  ) as tf.Tensor<R>;
