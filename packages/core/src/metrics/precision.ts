import { type BinaryMeasured, binaryMetric } from './binary-counts';
import { divideNoNan, type Metric, type MetricTotals, scalarOf } from './metric';

export const precisionResult = (totals: MetricTotals): number => {
  const right = scalarOf(totals, 'truePositives');
  return divideNoNan(right, right + scalarOf(totals, 'falsePositives'));
};

/**
 * The share of positive predictions that are right; 0 when nothing was predicted positive.
 *
 * @throws MetricError when updated with labels and predictions of different shapes
 * @see tf.keras.metrics.Precision
 */
export const precision = (measured: BinaryMeasured): Metric =>
  binaryMetric('precision', measured, precisionResult);
