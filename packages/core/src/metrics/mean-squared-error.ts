import * as tf from '@tensorflow/tfjs';
import { differenceOf } from './difference';
import type { Measured } from './measured';
import type { Metric } from './metric';
import { meanResult, meanUpdate } from './weighted-mean';

/**
 * The mean of (prediction - label)² over all values; 0 over none.
 *
 * @param measured labels and predictions of one shape
 * @throws MetricError when updated with different shapes
 * @see tf.metrics.mean_squared_error of TensorFlow 1
 */
export const meanSquaredError = (measured: Measured): Metric => ({
  kind: 'meanSquaredError',
  config: {},
  update: () => {
    const { difference, weights } = differenceOf('meanSquaredError', measured);
    return meanUpdate(tf.square(difference), weights);
  },
  result: meanResult,
});
