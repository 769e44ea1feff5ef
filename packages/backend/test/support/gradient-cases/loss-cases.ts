import * as tf from '@tensorflow/tfjs';
import type { GradientCase, GradientCases } from './gradient-case';

type Loss = (labels: tf.Tensor, x: tf.Tensor) => tf.Tensor;

/** A loss. Only the predictions are differentiated. */
const loss = (run: Loss, python: string): GradientCase => ({
  shapes: [
    [3, 4],
    [3, 4],
  ],
  differentiate: 1,
  run: (x, labels) => run(labels as tf.Tensor, x as tf.Tensor),
  python,
});

export const lossGradients: GradientCases = {
  sigmoidCrossEntropy: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (labels, logits) =>
      tf.losses.sigmoidCrossEntropy(tf.sigmoid(labels as tf.Tensor), logits as tf.Tensor),
    python: 'tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.sigmoid(x[0]), x[1]))',
  },
  softmaxCrossEntropy: {
    shapes: [[3, 4]],
    run: (logits) =>
      tf.losses.softmaxCrossEntropy(
        tf.oneHot(tf.tensor1d([0, 3, 1], 'int32'), 4),
        logits as tf.Tensor,
      ),
    python: 'tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits([0, 3, 1], x[0]))',
  },
  absoluteDifference: loss(
    tf.losses.absoluteDifference,
    'tf.compat.v1.losses.absolute_difference(x[1], x[0])',
  ),
  cosineDistance: loss(
    (y, x) => tf.losses.cosineDistance(y, x, 1),
    'tf.compat.v1.losses.cosine_distance(x[1], x[0], axis=1)',
  ),
  hingeLoss: loss(
    (y, x) => tf.losses.hingeLoss(tf.step(y), x),
    'tf.compat.v1.losses.hinge_loss(tf.cast(x[1] > 0, tf.float32), x[0])',
  ),
  huberLoss: loss(
    (y, x) => tf.losses.huberLoss(y, x, undefined, 0.5),
    'tf.compat.v1.losses.huber_loss(x[1], x[0], delta=0.5)',
  ),
  logLoss: loss(
    (y, x) => tf.losses.logLoss(tf.step(y), tf.sigmoid(x)),
    'tf.compat.v1.losses.log_loss(tf.cast(x[1] > 0, tf.float32), tf.sigmoid(x[0]))',
  ),
  meanSquaredError: loss(
    tf.losses.meanSquaredError,
    'tf.compat.v1.losses.mean_squared_error(x[1], x[0])',
  ),
  'meanSquaredError, weighted': loss(
    (y, x) => tf.losses.meanSquaredError(y, x, tf.step(y)),
    'tf.compat.v1.losses.mean_squared_error(x[1], x[0], tf.cast(x[1] > 0, tf.float32))',
  ),
  binaryCrossentropy: loss(
    (y, x) => tf.metrics.binaryCrossentropy(tf.step(y), tf.sigmoid(x)),
    'tf.keras.losses.binary_crossentropy(tf.cast(x[1] > 0, tf.float32), tf.sigmoid(x[0]))',
  ),
  categoricalCrossentropy: loss(
    (y, x) => tf.metrics.categoricalCrossentropy(tf.softmax(y), tf.softmax(x)),
    'tf.keras.losses.categorical_crossentropy(tf.nn.softmax(x[1]), tf.nn.softmax(x[0]))',
  ),
  cosineProximity: loss(
    tf.metrics.cosineProximity,
    '-tf.reduce_sum(tf.nn.l2_normalize(x[1], 1) * tf.nn.l2_normalize(x[0], 1), 1)',
  ),
  meanAbsolutePercentageError: loss(
    tf.metrics.meanAbsolutePercentageError,
    '100 * tf.reduce_mean(tf.abs((x[1] - x[0]) / tf.maximum(tf.abs(x[1]), 1e-7)), -1)',
  ),
};
