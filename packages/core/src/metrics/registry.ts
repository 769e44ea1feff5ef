import type * as metrics from '.';
import { aucResults } from './auc';
import { classificationResults } from './classification';
import { countResults } from './counts';
import { meanResults } from './mean';
import { type MetricConfig, MetricError, type MetricTotals, type ResultBuilders } from './metric';
import { regressionResults } from './regression';

/** Every metric of the namespace whose result can be rebuilt: all but `custom`. */
type StoredKind = Exclude<keyof typeof metrics, 'custom'>;

const results: ResultBuilders = {
  ...aucResults,
  ...classificationResults,
  ...countResults,
  ...meanResults,
  ...regressionResults,
} satisfies Record<StoredKind, ResultBuilders[string]>;

/**
 * Rebuilds a metric's `result` from its stored kind and config, for a graph that has only its `update`.
 *
 * @throws MetricError for a kind that is not in the registry, such as `custom`
 */
export const metricResult = (
  kind: string,
  config: MetricConfig,
): ((totals: MetricTotals) => unknown) => {
  const build = Object.hasOwn(results, kind) ? results[kind] : undefined;
  if (build) return build(config);
  throw new MetricError({
    subject: `metric of kind "${kind}"`,
    expected: `one of ${Object.keys(results).sort().join(', ')}`,
    actual: 'a kind whose "result" function is not stored',
    fix: 'Pass the model function, which defines the metric.',
  });
};
