export type { AucOptions, AucSummation } from './auc';
export type { BinaryMeasured } from './binary-counts';
export type { ClassesMeasured } from './confusion-matrix';
export * from './functions';
export type { Measured } from './measured';
export type { Metric, MetricConfig, MetricTotal, MetricTotals } from './metric';
export { MetricAccumulator } from './metric-accumulator';
export { MetricError } from './metric-error';
export { metricResult } from './metric-result';
