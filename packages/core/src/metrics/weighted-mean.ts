import * as tf from '@tensorflow/tfjs';
import { divideNoNan, type MetricTotals, scalarOf } from './metric';

/** Sums from which a weighted mean follows: `total` of weighted values, `count` of weights. */
export const meanUpdate = (
  values: tf.Tensor,
  weights: tf.Tensor,
): { total: tf.Tensor; count: tf.Tensor } => ({
  total: tf.sum(tf.mul(tf.cast(values, 'float32'), weights)),
  count: tf.sum(weights),
});

/** The weighted mean; 0 of nothing. */
export const meanResult = (totals: MetricTotals): number =>
  divideNoNan(scalarOf(totals, 'total'), scalarOf(totals, 'count'));
