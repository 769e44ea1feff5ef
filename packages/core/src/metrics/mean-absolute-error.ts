import * as tf from '@tensorflow/tfjs';
import { differenceOf } from './difference';
import type { Measured } from './measured';
import type { Metric } from './metric';
import { meanResult, meanUpdate } from './weighted-mean';

/**
 * The mean of |prediction - label| over all values; 0 over none.
 *
 * @param measured labels and predictions of one shape
 * @throws MetricError when updated with different shapes
 * @see tf.metrics.mean_absolute_error of TensorFlow 1
 */
export const meanAbsoluteError = (measured: Measured): Metric => ({
  kind: 'meanAbsoluteError',
  config: {},
  update: () => {
    const { difference, weights } = differenceOf('meanAbsoluteError', measured);
    return meanUpdate(tf.abs(difference), weights);
  },
  result: meanResult,
});
