/* The public `metrics` namespace. Every value exported here must be a metric: see registry.ts. */
export { type AucOptions, type AucSummation, auc } from './auc';
export { accuracy, binaryAccuracy, sparseTopKAccuracy } from './classification';
export {
  type BinaryMetricInputs,
  type ClassMetricInputs,
  confusionMatrix,
  f1,
  meanIoU,
  precision,
  recall,
} from './counts';
export { custom } from './custom';
export type { MetricInputs } from './inputs';
export { mean } from './mean';
export type { Metric, MetricConfig, MetricTotal, MetricTotals } from './metric';
export { meanAbsoluteError, meanSquaredError, rootMeanSquaredError } from './regression';
