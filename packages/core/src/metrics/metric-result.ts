import { aucResult } from './auc';
import { confusionResult } from './confusion-matrix';
import { f1Result } from './f1';
import { meanIoUResult } from './mean-iou';
import type { MetricConfig, MetricTotals } from './metric';
import { MetricError } from './metric-error';
import { precisionResult } from './precision';
import { recallResult } from './recall';
import { rootMeanResult } from './root-mean-squared-error';
import { meanResult } from './weighted-mean';

type Result = (totals: MetricTotals) => unknown;

const results: Readonly<Record<string, (config: MetricConfig) => Result>> = {
  accuracy: () => meanResult,
  auc: aucResult,
  binaryAccuracy: () => meanResult,
  confusionMatrix: (config) => confusionResult('confusionMatrix', config),
  f1: () => f1Result,
  mean: () => meanResult,
  meanAbsoluteError: () => meanResult,
  meanIoU: meanIoUResult,
  meanSquaredError: () => meanResult,
  precision: () => precisionResult,
  recall: () => recallResult,
  rootMeanSquaredError: () => rootMeanResult,
  sparseTopKAccuracy: () => meanResult,
};

/**
 * Rebuilds a metric's `result` from what was stored of it, for a graph that has only its update.
 *
 * @throws MetricError for a kind that isn't ours, as 'custom': its function lies in the user's code
 */
export const metricResult = (kind: string, config: MetricConfig): Result => {
  const make = Object.hasOwn(results, kind) ? results[kind] : undefined;
  if (make) return make(config);
  throw new MetricError({
    subject: `metric of kind "${kind}"`,
    expected: `one of ${Object.keys(results).join(', ')}`,
    actual: 'a kind whose result is a function of the user',
    fix: 'Give the model function as well, which defines the metric.',
  });
};
