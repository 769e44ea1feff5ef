import * as tf from '@tensorflow/tfjs';
import { type Measured, readPair } from './measured';
import {
  type Metric,
  type MetricConfig,
  type MetricTotals,
  numberIn,
  scalarOf,
  valuesOf,
} from './metric';
import { MetricError } from './metric-error';

/** Labels and predictions are class ids of one shape. */
export interface ClassesMeasured extends Measured {
  /** Class ids go from 0 to numClasses - 1. */
  readonly numClasses: number;
}

/** Weighted counts: a row for each label, a column for each prediction. */
export const confusionUpdate = (
  kind: string,
  { numClasses, ...measured }: ClassesMeasured,
): Record<string, tf.Tensor> => {
  const { labels, predictions, weights } = readPair(kind, measured);
  const ids = (tensor: tf.Tensor) => tf.reshape(tf.cast(tensor, 'int32'), [-1]);
  const oneHot = (tensor: tf.Tensor) => tf.cast(tf.oneHot(ids(tensor), numClasses), 'float32');
  const weighted = tf.mul(oneHot(labels), tf.reshape(weights, [-1, 1]));
  const isOutside = (tensor: tf.Tensor) =>
    tf.logicalOr(tf.less(ids(tensor), 0), tf.greaterEqual(ids(tensor), numClasses));
  const outside = tf.logicalOr(isOutside(labels), isOutside(predictions));
  return {
    matrix: tf.matMul(weighted, oneHot(predictions), true, false),
    outside: tf.sum(tf.cast(outside, 'float32')),
  };
};

/** The matrix that the totals hold, as rows. */
export const confusionResult =
  (kind: string, config: MetricConfig) =>
  (totals: MetricTotals): number[][] => {
    const numClasses = numberIn(config, 'numClasses');
    const outside = scalarOf(totals, 'outside');
    if (outside > 0) {
      throw new MetricError({
        subject: `metrics.${kind}`,
        expected: `class ids from 0 to ${numClasses - 1}`,
        actual: `${outside} examples with another`,
        fix: 'Raise numClasses, or leave those examples out.',
      });
    }
    const values = valuesOf(totals, 'matrix');
    return Array.from({ length: numClasses }, (_, row) =>
      Array.from({ length: numClasses }, (_, column) => values[row * numClasses + column] ?? 0),
    );
  };

/** @throws MetricError when numClasses is no integer from 1 up */
export const checkNumClasses = (kind: string, numClasses: number): void => {
  if (Number.isInteger(numClasses) && numClasses >= 1) return;
  throw new MetricError({
    subject: `metrics.${kind}({ numClasses })`,
    expected: 'an integer of at least 1',
    actual: String(numClasses),
    fix: 'Give the number of classes.',
  });
};

/**
 * How often each label met each prediction.
 *
 * @returns numClasses rows of numClasses weighted counts: `matrix[label][prediction]`
 * @throws MetricError when updated with different shapes; from `result` when a class id was outside
 *   0 to numClasses - 1
 * @see tf.math.confusion_matrix
 */
export const confusionMatrix = (measured: ClassesMeasured): Metric<number[][]> => {
  const config = { numClasses: measured.numClasses };
  checkNumClasses('confusionMatrix', measured.numClasses);
  return {
    kind: 'confusionMatrix',
    config,
    update: () => confusionUpdate('confusionMatrix', measured),
    result: confusionResult('confusionMatrix', config),
  };
};
