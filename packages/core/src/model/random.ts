import { randomTensor } from '@elistimator/graph';
import * as tf from '@tensorflow/tfjs';
import { currentModelCall } from './model-call';

/*
 * Random tensors for model functions. Seeds follow from the estimator's seed, the global step and the
 * operation's place in the model function, so a resumed run draws what the unbroken one would have,
 * and so does the graph of the model.
 */

const next = (what: string) => currentModelCall(what).nextDraw();

/** Values drawn evenly from `[min, max)`. */
export const uniform = <R extends tf.Rank>(
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
  });

/** Normally distributed values. */
export const normal = <R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  mean = 0,
  stdDev = 1,
): tf.Tensor<R> =>
  randomTensor<R>({
    distribution: 'normal',
    shape,
    parameters: { mean, stddev: stdDev },
    ...next('random.normal()'),
  });

/** Normally distributed values, redrawn when more than two standard deviations from the mean. */
export const truncatedNormal = <R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  mean = 0,
  stdDev = 1,
): tf.Tensor<R> =>
  randomTensor<R>({
    distribution: 'truncatedNormal',
    shape,
    parameters: { mean, stddev: stdDev },
    ...next('random.truncatedNormal()'),
  });

/** Ones with probability `p`, else zeros, as float32. */
export const bernoulli = <R extends tf.Rank>(shape: tf.ShapeMap[R], p = 0.5): tf.Tensor<R> =>
  tf.tidy(() => {
    const drawn = randomTensor<R>({
      distribution: 'uniform',
      shape,
      ...next('random.bernoulli()'),
    });
    return tf.less(drawn, p).toFloat();
  }) as tf.Tensor<R>;
