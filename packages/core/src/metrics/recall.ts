import { type BinaryMeasured, binaryMetric } from './binary-counts';
import { divideNoNan, type Metric, type MetricTotals, scalarOf } from './metric';

export const recallResult = (totals: MetricTotals): number => {
  const right = scalarOf(totals, 'truePositives');
  return divideNoNan(right, right + scalarOf(totals, 'falseNegatives'));
};

/**
 * The share of positive labels that were predicted; 0 when no label is positive.
 *
 * @throws MetricError when updated with labels and predictions of different shapes
 * @see tf.keras.metrics.Recall
 */
export const recall = (measured: BinaryMeasured): Metric =>
  binaryMetric('recall', measured, recallResult);
