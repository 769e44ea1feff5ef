import { type BinaryMeasured, binaryMetric } from './binary-counts';
import { divideNoNan, type Metric, type MetricTotals, scalarOf } from './metric';

export const f1Result = (totals: MetricTotals): number => {
  const right = 2 * scalarOf(totals, 'truePositives');
  const wrong = scalarOf(totals, 'falsePositives') + scalarOf(totals, 'falseNegatives');
  return divideNoNan(right, right + wrong);
};

/**
 * The harmonic mean of precision and recall; 0 when there is neither.
 *
 * @throws MetricError when updated with labels and predictions of different shapes
 * @see tf.keras.metrics.F1Score with average 'micro'
 */
export const f1 = (measured: BinaryMeasured): Metric => binaryMetric('f1', measured, f1Result);
