import * as tf from '@tensorflow/tfjs';
import { inputKeys, metricFunction } from './arguments';
import { type MetricInputs, readInputs } from './inputs';
import { meanResult, meanUpdate } from './mean';
import type { Metric, MetricTotals, ResultBuilders } from './metric';

export const regressionResults = {
  meanAbsoluteError: () => meanResult,
  meanSquaredError: () => meanResult,
  rootMeanSquaredError: () => (totals: MetricTotals) => Math.sqrt(meanResult(totals)),
} satisfies ResultBuilders;

/** A metric over the weighted mean of a function of `prediction - label`. */
const regressionMetric = (
  kind: keyof typeof regressionResults,
  inputs: MetricInputs,
  errorOf: (difference: tf.Tensor) => tf.Tensor,
): Metric => ({
  kind,
  config: {},
  update: () => {
    const { labels, predictions, weights } = readInputs(kind, inputs);
    const difference = tf.sub(tf.cast(predictions, 'float32'), tf.cast(labels, 'float32'));
    return meanUpdate(errorOf(difference), weights);
  },
  result: regressionResults[kind](),
});

/**
 * The weighted mean of |prediction - label| over all values.
 *
 * `tf.metrics.mean_absolute_error` of TensorFlow 1, `tf.keras.metrics.MeanAbsoluteError`. Keras
 * averages over the last dimension before it applies weights, here every value has a weight.
 *
 * @param inputs.labels any shape; any numeric dtype, computed in float32
 * @param inputs.predictions the same shape; any numeric dtype, computed in float32
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @returns a metric whose result is a number, in the unit of the labels; 0 over no values, NaN if any
 *   value is NaN
 * @throws MetricError from `update`, when shapes do not fit
 */
export const meanAbsoluteError = metricFunction(
  'meanAbsoluteError',
  inputKeys,
  (inputs: MetricInputs): Metric => regressionMetric('meanAbsoluteError', inputs, tf.abs),
);

/**
 * The weighted mean of (prediction - label)² over all values.
 *
 * `tf.metrics.mean_squared_error` of TensorFlow 1, `tf.keras.metrics.MeanSquaredError`. Keras averages
 * over the last dimension before it applies weights, here every value has a weight.
 *
 * @param inputs.labels any shape; any numeric dtype, computed in float32
 * @param inputs.predictions the same shape; any numeric dtype, computed in float32
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @returns a metric whose result is a number, in the squared unit of the labels; 0 over no values, NaN if any
 *   value is NaN
 * @throws MetricError from `update`, when shapes do not fit
 */
export const meanSquaredError = metricFunction(
  'meanSquaredError',
  inputKeys,
  (inputs: MetricInputs): Metric => regressionMetric('meanSquaredError', inputs, tf.square),
);

/**
 * The square root of the weighted mean of (prediction - label)² over all values of all batches. It is
 * not the mean of the batches' roots.
 *
 * `tf.metrics.root_mean_squared_error` of TensorFlow 1, `tf.keras.metrics.RootMeanSquaredError`.
 *
 * @param inputs.labels any shape; any numeric dtype, computed in float32
 * @param inputs.predictions the same shape; any numeric dtype, computed in float32
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @returns a metric whose result is a number, in the unit of the labels; 0 over no values, NaN if any
 *   value is NaN
 * @throws MetricError from `update`, when shapes do not fit
 */
export const rootMeanSquaredError = metricFunction(
  'rootMeanSquaredError',
  inputKeys,
  (inputs: MetricInputs): Metric => regressionMetric('rootMeanSquaredError', inputs, tf.square),
);
