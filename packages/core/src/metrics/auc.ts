import * as tf from '@tensorflow/tfjs';
import { type Measured, readPair } from './measured';
import {
  divideNoNan,
  type Metric,
  type MetricConfig,
  type MetricTotals,
  numberIn,
  scalarOf,
  valuesOf,
} from './metric';
import { MetricError } from './metric-error';

/** How the area between two thresholds is measured. */
export type AucSummation = 'trapezoidal' | 'careful_interpolation' | 'minoring' | 'majoring';

export interface AucOptions {
  /** Points of the curve, at least 2; 200 by default. */
  readonly numThresholds?: number;
  /** Recall over the false positive rate (default), or precision over recall. */
  readonly curve?: 'ROC' | 'PR';
  /** 'trapezoidal' by default; for PR, 'careful_interpolation' is nearer the truth. */
  readonly summationMethod?: AucSummation;
}

/** Evenly from 0 to 1, the ends a little outside so that 0 and 1 themselves fall between. */
const thresholds = (count: number): number[] => {
  const inner = Array.from({ length: count - 2 }, (_, index) => (index + 1) / (count - 1));
  return [-1e-7, ...inner, 1 + 1e-7];
};

/** Keeps rates defined where nothing was counted. */
const epsilon = 1e-6;

/** What a threshold gets right and wrong, by weight. */
interface Point {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

const pointsOf = (totals: MetricTotals): Point[] => {
  const positives = scalarOf(totals, 'positives');
  const negatives = scalarOf(totals, 'negatives');
  const falsePositives = valuesOf(totals, 'falsePositives');
  return Array.from(valuesOf(totals, 'truePositives'), (tp, index) => {
    const fp = falsePositives[index] ?? 0;
    return { tp, fp, fn: positives - tp, tn: negatives - fp };
  });
};

/** Davis and Goadrich's interpolation: between thresholds, precision is no straight line over recall. */
const interpolatedArea = (from: Point, to: Point): number => {
  const predicted = (point: Point) => point.tp + point.fp;
  const change = from.tp - to.tp;
  const slope = divideNoNan(change, Math.max(predicted(from) - predicted(to), 0));
  const intercept = to.tp - slope * predicted(to);
  const isDefined = predicted(from) > 0 && predicted(to) > 0;
  const ratio = isDefined ? predicted(from) / predicted(to) : 1;
  return divideNoNan(slope * (change + intercept * Math.log(ratio)), to.tp + to.fn);
};

const heights = {
  trapezoidal: (a: number, b: number) => (a + b) / 2,
  careful_interpolation: (a: number, b: number) => (a + b) / 2,
  minoring: Math.min,
  majoring: Math.max,
};

/** The area under the curve that a stored metric's config describes. */
export const aucResult =
  ({ curve, summationMethod }: MetricConfig) =>
  (totals: MetricTotals): number => {
    const outside = scalarOf(totals, 'outside');
    if (outside > 0) {
      throw new MetricError({
        subject: 'predictions of metrics.auc',
        expected: 'probabilities from 0 to 1',
        actual: `${outside} values outside`,
        fix: 'Give tf.sigmoid(logits) or a column of tf.softmax(logits).',
      });
    }
    const points = pointsOf(totals);
    const recallAt = ({ tp, fn }: Point) => (tp + epsilon) / (tp + fn + epsilon);
    const precisionAt = ({ tp, fp }: Point) => (tp + epsilon) / (tp + fp + epsilon);
    const [x, y] =
      curve === 'PR'
        ? [recallAt, precisionAt]
        : [({ fp, tn }: Point) => fp / (fp + tn + epsilon), recallAt];
    const height = heights[summationMethod as AucSummation] ?? heights.trapezoidal;
    const isInterpolated = curve === 'PR' && summationMethod === 'careful_interpolation';
    return points.slice(1).reduce((area, to, index) => {
      const from = points[index] ?? to;
      return (
        area +
        (isInterpolated ? interpolatedArea(from, to) : (x(from) - x(to)) * height(y(from), y(to)))
      );
    }, 0);
  };

/**
 * The area under the ROC or the precision-recall curve, from counts at fixed thresholds; 0 over no
 * examples.
 *
 * @param measured labels (0 and 1, or booleans) and probabilities of one shape
 * @throws MetricError for fewer than 2 thresholds; when updated with different shapes; from `result`
 *   when predictions were outside 0 to 1
 * @see tf.metrics.auc of TensorFlow 1 (tensorflow/python/ops/metrics_impl.py), whose epsilons these are
 */
export const auc = ({
  numThresholds = 200,
  curve = 'ROC',
  summationMethod = 'trapezoidal',
  ...measured
}: Measured & AucOptions): Metric => {
  if (!Number.isInteger(numThresholds) || numThresholds < 2) {
    throw new MetricError({
      subject: 'metrics.auc({ numThresholds })',
      expected: 'an integer of at least 2',
      actual: String(numThresholds),
      fix: 'Leave it out for 200.',
    });
  }
  const config = { numThresholds, curve, summationMethod };
  return {
    kind: 'auc',
    config,
    update: () => aucUpdate(measured, config),
    result: aucResult(config),
  };
};

const aucUpdate = (measured: Measured, config: MetricConfig): Record<string, tf.Tensor> => {
  const { labels, predictions, weights } = readPair('auc', measured);
  const row = (tensor: tf.Tensor) => tf.reshape(tf.cast(tensor, 'float32'), [1, -1]);
  const scores = row(predictions);
  const isPositive = tf.cast(tf.notEqual(row(labels), 0), 'float32');
  const positive = tf.mul(isPositive, row(weights));
  const negative = tf.mul(tf.sub(1, isPositive), row(weights));
  const limits = thresholds(numberIn(config, 'numThresholds'));
  const isAbove = tf.greater(scores, tf.tensor2d(limits, [limits.length, 1]));
  const sumAbove = (amounts: tf.Tensor) =>
    tf.reshape(tf.matMul(tf.cast(isAbove, 'float32'), amounts, false, true), [-1]);
  const isOutside = tf.logicalOr(tf.less(scores, 0), tf.greater(scores, 1));
  return {
    truePositives: sumAbove(positive),
    falsePositives: sumAbove(negative),
    positives: tf.sum(positive),
    negatives: tf.sum(negative),
    outside: tf.sum(tf.cast(isOutside, 'float32')),
  };
};
