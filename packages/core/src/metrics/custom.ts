import { checkedFunction, kinds, required, requiredOptions } from '@elistimator/internal';
import type * as tf from '@tensorflow/tfjs';
import type { Metric, MetricConfig, MetricTotals } from './metric';

/** What defines a metric of your own. */
interface CustomMetric<R> {
  readonly update: () => Record<string, tf.Tensor>;
  readonly result: (totals: MetricTotals) => R;
  readonly config?: MetricConfig;
}

/**
 * A metric that you define: `update` returns tensors of one batch that can be summed over batches, and
 * `result` computes the value from their sums.
 *
 * A model restored without its code cannot rebuild a custom metric, because its `result` is a function
 * of yours; pass the model function to restore it. Comparable to a subclass of
 * `tf.keras.metrics.Metric`, but the engine keeps the state, in float64.
 *
 * @param definition.update called once per batch, inside a `tf.tidy`. Returns tensors of dtype float32,
 *   int32 or bool, with the same names, shapes and dtypes in every batch. Must not read tensor values,
 *   so that it can be traced into a graph
 * @param definition.result receives, for each name, the sum over all batches: row-major `data` and its
 *   `shape`
 * @param definition.config settings of your own, kept with the metric as plain JSON. Default: `{}`
 * @returns a metric whose result is what `definition.result` returns
 * @throws MetricError after the batches, when names, shapes or dtypes differ between them
 *
 * @example
 * const bias = metrics.custom({
 *   update: () => ({ total: tf.sum(tf.sub(predictions, labels)), count: tf.sum(tf.onesLike(labels)) }),
 *   result: ({ total, count }) => (total?.data[0] ?? 0) / (count?.data[0] ?? 1),
 * });
 */
export const custom = checkedFunction(
  'metrics.custom()',
  {
    definition: requiredOptions<CustomMetric<unknown>>({
      update: required(kinds.callback),
      result: required(kinds.callback),
      config: kinds.object,
    }),
  },
  <R>({ update, result, config = {} }: CustomMetric<R>): Metric<R> => ({
    kind: 'custom',
    config,
    update,
    result,
  }),
);
