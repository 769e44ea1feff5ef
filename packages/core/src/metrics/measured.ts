import * as tf from '@tensorflow/tfjs';
import { force, type Lazy } from '../lazy';
import { MetricError } from './metric-error';

/** What most metrics take. A function gives its tensor when the metric is updated, once a batch. */
export interface Measured {
  readonly labels: Lazy<tf.Tensor>;
  readonly predictions: Lazy<tf.Tensor>;
  /**
   * How much each value counts; 1 when absent. A scalar, or a tensor whose dimensions are the leading
   * ones of the labels, each equal or 1: [batch] weighs examples.
   */
  readonly weights?: Lazy<tf.Tensor> | undefined;
}

const format = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/**
 * Labels and predictions of the same shape, with a weight for each.
 *
 * @param kind the metric, for messages
 * @throws MetricError with both shapes when they differ
 */
export const readPair = (
  kind: string,
  { labels, predictions, weights }: Measured,
): { labels: tf.Tensor; predictions: tf.Tensor; weights: tf.Tensor } => {
  const [label, prediction] = [force(labels), force(predictions)];
  if (format(label.shape) !== format(prediction.shape)) {
    throw new MetricError({
      subject: `metrics.${kind}`,
      expected: `predictions of the labels' shape ${format(label.shape)}`,
      actual: format(prediction.shape),
      fix: 'Reduce or reshape one of them: tf.argMax(logits, 1) gives class ids, x.squeeze([1]) drops a dimension of 1.',
    });
  }
  return { labels: label, predictions: prediction, weights: weightsOf(kind, prediction, weights) };
};

/**
 * A weight for each value.
 *
 * @returns float32, of the shape of `values`
 * @throws MetricError with both shapes when the weights don't fit the values
 */
export const weightsOf = (
  kind: string,
  values: tf.Tensor,
  weights: Lazy<tf.Tensor> | undefined,
): tf.Tensor => {
  const ones = tf.onesLike(tf.cast(values, 'float32'));
  if (weights === undefined) return ones;
  let weight = tf.cast(force(weights), 'float32');
  const fits =
    weight.rank <= values.rank &&
    weight.shape.every((size, axis) => size === 1 || size === values.shape[axis]);
  if (!fits) {
    throw new MetricError({
      subject: `weights of metrics.${kind}`,
      expected: `a scalar, or leading dimensions of ${format(values.shape)}, each equal or 1`,
      actual: format(weight.shape),
      fix: 'Give one weight for each example, as [batch], or for each value.',
    });
  }
  while (weight.rank > 0 && weight.rank < values.rank) weight = tf.expandDims(weight, -1);
  return tf.mul(ones, weight);
};
