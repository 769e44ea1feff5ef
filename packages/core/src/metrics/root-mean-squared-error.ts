import * as tf from '@tensorflow/tfjs';
import { differenceOf } from './difference';
import type { Measured } from './measured';
import type { Metric, MetricTotals } from './metric';
import { meanResult, meanUpdate } from './weighted-mean';

/** The square root of the mean that the totals give. */
export const rootMeanResult = (totals: MetricTotals): number => Math.sqrt(meanResult(totals));

/**
 * The square root of the mean of (prediction - label)² over all values; 0 over none.
 *
 * @param measured labels and predictions of one shape
 * @throws MetricError when updated with different shapes
 * @see tf.metrics.root_mean_squared_error of TensorFlow 1
 */
export const rootMeanSquaredError = (measured: Measured): Metric => ({
  kind: 'rootMeanSquaredError',
  config: {},
  update: () => {
    const { difference, weights } = differenceOf('rootMeanSquaredError', measured);
    return meanUpdate(tf.square(difference), weights);
  },
  result: rootMeanResult,
});
