import * as tf from '@tensorflow/tfjs';
import { type Measured, readPair } from './measured';
import type { Metric, MetricTotals } from './metric';

/** Labels (0 and 1, or booleans) and probabilities of one shape. */
export interface BinaryMeasured extends Measured {
  /** A prediction is positive above this; 0.5 by default. */
  readonly threshold?: number;
}

/** Weighted counts of what a threshold gets right and wrong. */
const countsOf = (kind: string, measured: BinaryMeasured, threshold: number) => {
  const { labels, predictions, weights } = readPair(kind, measured);
  const actual = tf.notEqual(tf.cast(labels, 'float32'), 0);
  const predicted = tf.greater(tf.cast(predictions, 'float32'), threshold);
  const count = (outcome: tf.Tensor) => tf.sum(tf.mul(tf.cast(outcome, 'float32'), weights));
  return {
    truePositives: count(tf.logicalAnd(actual, predicted)),
    falsePositives: count(tf.logicalAnd(tf.logicalNot(actual), predicted)),
    falseNegatives: count(tf.logicalAnd(actual, tf.logicalNot(predicted))),
  };
};

/** A metric over those counts. */
export const binaryMetric = (
  kind: string,
  measured: BinaryMeasured,
  result: (totals: MetricTotals) => number,
): Metric => {
  const { threshold = 0.5 } = measured;
  return { kind, config: { threshold }, update: () => countsOf(kind, measured, threshold), result };
};
