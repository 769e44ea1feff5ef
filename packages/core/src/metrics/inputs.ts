import { sameShape } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { force, type Lazy } from '../lazy';
import { MetricError } from './metric';

/**
 * The tensors that a metric compares. Each is a tensor, or a function that returns one; a function is
 * called once per batch, when the metric is updated.
 */
export interface MetricInputs {
  /** The true values. */
  readonly labels: Lazy<tf.Tensor>;
  /** The values that the model computed, usually of the same shape as `labels`. */
  readonly predictions: Lazy<tf.Tensor>;
  /**
   * How much each value counts. A scalar, or a tensor whose shape matches the leading dimensions of
   * the labels; a dimension of 1 is broadcast. A shape of [batch] weights each example. Any numeric
   * dtype. Default: 1 for every value.
   */
  readonly weights?: Lazy<tf.Tensor> | undefined;
}

const format = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/**
 * Evaluates labels, predictions and weights.
 *
 * @param kind the metric, for error messages
 * @throws MetricError when the shapes of labels and predictions differ, or the weights do not fit them
 */
export const readInputs = (
  kind: string,
  { labels, predictions, weights }: MetricInputs,
): { labels: tf.Tensor; predictions: tf.Tensor; weights: tf.Tensor } => {
  const [label, prediction] = [force(labels), force(predictions)];
  if (!sameShape(label.shape, prediction.shape)) {
    throw new MetricError({
      subject: `metrics.${kind}`,
      expected: `predictions of the same shape as the labels, ${format(label.shape)}`,
      actual: format(prediction.shape),
      fix: 'Reshape one of them: tf.argMax(logits, 1) turns logits into class ids, x.squeeze([1]) removes a dimension of 1.',
    });
  }
  return { labels: label, predictions: prediction, weights: weightsOf(kind, prediction, weights) };
};

/**
 * Broadcasts weights to the shape of `values`.
 *
 * @param kind the metric, for error messages
 * @returns float32, of the shape of `values`; ones when `weights` is undefined
 * @throws MetricError when the weights do not fit the values
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
      expected: `a scalar, or a shape whose dimensions are 1 or equal the leading dimensions of ${format(values.shape)}`,
      actual: format(weight.shape),
      fix: 'Pass one weight for each example, of shape [batch], or one for each value.',
    });
  }
  while (weight.rank > 0 && weight.rank < values.rank) weight = tf.expandDims(weight, -1);
  return tf.mul(ones, weight);
};
