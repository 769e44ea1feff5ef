import { sameShape } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { force, type Lazy } from '../lazy';
import { modelCallIfAny } from '../scope/model-call';
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
   * dtype. Negative weights subtract, as in TensorFlow. Multiplied by the mask of the predictions, if
   * they have one (`layers.getMask`). Default: 1 for every value.
   */
  readonly weights?: Lazy<tf.Tensor> | undefined;
}

/**
 * Evaluates one input of a metric.
 *
 * @throws MetricError when it is not a tensor of numbers
 */
export const numericTensor = (kind: string, input: string, lazy: Lazy<tf.Tensor>): tf.Tensor => {
  const tensor: unknown = force(lazy);
  const isTensor = tensor instanceof tf.Tensor;
  if (isTensor && tensor.dtype !== 'string' && tensor.dtype !== 'complex64') return tensor;
  throw new MetricError({
    subject: `${input} of metrics.${kind}`,
    expected: 'a tensor of dtype float32, int32 or bool',
    actual: isTensor ? `dtype ${tensor.dtype}` : tensor === null ? 'null' : typeof tensor,
    fix: isTensor
      ? 'Convert it to numbers first.'
      : 'Pass a tensor, or a function that returns one.',
  });
};

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
  const label = numericTensor(kind, 'labels', labels);
  const prediction = numericTensor(kind, 'predictions', predictions);
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
 * @returns float32, of the shape of `values`; ones when `weights` is undefined and there is no mask
 * @throws MetricError when the weights do not fit the values
 */
export const weightsOf = (
  kind: string,
  values: tf.Tensor,
  weights: Lazy<tf.Tensor> | undefined,
): tf.Tensor => {
  const ones = tf.onesLike(tf.cast(values, 'float32'));
  const mask = modelCallIfAny()?.masks.get(values);
  const counted = mask === undefined ? ones : tf.mul(ones, aligned(mask, values.rank));
  if (weights === undefined) return counted;
  const weight = numericTensor(kind, 'weights', weights);
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
  return tf.mul(
    counted,
    weight.rank === 0 ? tf.cast(weight, 'float32') : aligned(weight, values.rank),
  );
};

/** As float32, with dimensions of 1 up to the given rank. */
const aligned = (tensor: tf.Tensor, rank: number): tf.Tensor => {
  let expanded = tf.cast(tensor, 'float32');
  while (expanded.rank < rank) expanded = tf.expandDims(expanded, -1);
  return expanded;
};
