export type { Metric, MetricConfig, MetricTotal, MetricTotals } from './metric';
export { MetricAccumulator } from './metric-accumulator';
export { MetricError } from './metric-error';
export { metricResult } from './metric-result';
