import * as tf from '@tensorflow/tfjs';
import { force } from '../lazy';
import { type Measured, weightsOf } from './measured';
import type { Metric } from './metric';
import { MetricError } from './metric-error';
import { meanResult, meanUpdate } from './weighted-mean';

/**
 * How often the label is among the k classes with the greatest scores, from 0 to 1; 0 over no
 * examples. Classes that tie at the k-th place all count as among them; a label that is no class, or
 * whose score is not finite, doesn't.
 *
 * @param measured.labels class ids [batch]
 * @param measured.predictions scores [batch, classes]: logits or probabilities
 * @param measured.k 5 by default
 * @throws MetricError when updated with other shapes
 * @see tf.math.in_top_k, tf.keras.metrics.SparseTopKCategoricalAccuracy
 */
export const sparseTopKAccuracy = ({
  k = 5,
  ...measured
}: Measured & { readonly k?: number }): Metric => ({
  kind: 'sparseTopKAccuracy',
  config: { k },
  update: () => {
    const [labels, predictions] = [force(measured.labels), force(measured.predictions)];
    const [batch, classes] = predictions.shape;
    if (labels.rank !== 1 || classes === undefined || labels.shape[0] !== batch) {
      throw new MetricError({
        subject: 'metrics.sparseTopKAccuracy',
        expected: 'labels [batch] and predictions [batch,classes]',
        actual: `labels [${labels.shape}] and predictions [${predictions.shape}]`,
        fix: 'Give class ids and a score for each class.',
      });
    }
    const isTarget = tf.oneHot(tf.cast(labels, 'int32'), classes);
    const scores = tf.cast(predictions, 'float32');
    const zeros = tf.zerosLike(scores);
    const target = tf.sum(tf.where(tf.cast(isTarget, 'bool'), scores, zeros), 1, true);
    const isClass = tf.greater(tf.sum(isTarget, 1), 0);
    const better = tf.sum(tf.cast(tf.greater(scores, target), 'float32'), 1);
    const hasFiniteScore = tf.reshape(tf.isFinite(target), [-1]);
    const hits = tf.logicalAnd(tf.logicalAnd(isClass, hasFiniteScore), tf.less(better, k));
    return meanUpdate(hits, weightsOf('sparseTopKAccuracy', labels, measured.weights));
  },
  result: meanResult,
});
