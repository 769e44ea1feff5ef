import type * as tf from '@tensorflow/tfjs';
import type { Metric, MetricConfig, MetricTotals } from './metric';

/**
 * A metric of your own: `update` gives tensors of a batch that add up over batches, `result` makes the
 * value of their sums.
 *
 * @param definition.config what `result` needs beside the totals, for your own use
 *
 * @example
 * const bias = metrics.custom({
 *   update: () => ({ total: tf.sum(tf.sub(predictions, labels)), count: tf.sum(tf.onesLike(labels)) }),
 *   result: ({ total, count }) => total.data[0] / count.data[0],
 * });
 */
export const custom = <R>({
  update,
  result,
  config = {},
}: {
  readonly update: () => Record<string, tf.Tensor>;
  readonly result: (totals: MetricTotals) => R;
  readonly config?: MetricConfig;
}): Metric<R> => ({ kind: 'custom', config, update, result });
