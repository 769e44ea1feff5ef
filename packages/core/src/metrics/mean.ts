import * as tf from '@tensorflow/tfjs';
import type { Lazy } from '../lazy';
import { meanKeys, metricFunction } from './arguments';
import { numericTensor, weightsOf } from './inputs';
import {
  divideNoNan,
  type Metric,
  type MetricTotals,
  type ResultBuilders,
  scalarOf,
} from './metric';

/** The sums that a weighted mean needs: `total` of the weighted values, `count` of the weights. */
export const meanUpdate = (
  values: tf.Tensor,
  weights: tf.Tensor,
): { total: tf.Tensor; count: tf.Tensor } => ({
  total: tf.sum(tf.mul(tf.cast(values, 'float32'), weights)),
  count: tf.sum(weights),
});

/** The weighted mean; 0 when the weights sum to zero or less, as in TensorFlow 1. */
export const meanResult = (totals: MetricTotals): number =>
  divideNoNan(scalarOf(totals, 'total'), Math.max(scalarOf(totals, 'count'), 0));

export const meanResults = { mean: () => meanResult } satisfies ResultBuilders;

/**
 * The weighted mean of any values: Σ weight · value / Σ weight, over all elements of all batches. Use
 * it to report a value that the model function computes itself, such as a part of the loss.
 *
 * `tf.metrics.mean` of TensorFlow 1 and `tf.keras.metrics.Mean`, but totals are kept in float64, and a
 * mask counts also without weights.
 *
 * @param inputs.values a tensor of any shape and numeric dtype, or a function that returns one
 * @param inputs.weights a scalar, or a shape that matches the leading dimensions of `values`, such as
 *   [batch]. Multiplied by the mask of the values, if they have one. Default: 1 for every value
 * @returns a metric whose result is a number; 0 over no values, NaN if any value is NaN
 * @throws MetricError from `update`, when the weights do not fit the values
 *
 * @example
 * new EvaluationSpec({ loss, metrics: { entropy: metrics.mean({ values: () => entropyOf(logits) }) } });
 */
export const mean = metricFunction(
  'mean',
  meanKeys,
  (inputs: {
    readonly values: Lazy<tf.Tensor>;
    readonly weights?: Lazy<tf.Tensor> | undefined;
  }): Metric => ({
    kind: 'mean',
    config: {},
    update: () => {
      const values = numericTensor('mean', 'values', inputs.values);
      return meanUpdate(values, weightsOf('mean', values, inputs.weights));
    },
    result: meanResults.mean(),
  }),
);
