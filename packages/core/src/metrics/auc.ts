import { didYouMean } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { inputKeys, metricFunction } from './arguments';
import { type MetricInputs, readInputs } from './inputs';
import {
  divideNoNan,
  type Metric,
  type MetricConfig,
  MetricError,
  type MetricTotals,
  numberIn,
  type ResultBuilders,
  scalarOf,
  valuesOf,
} from './metric';
import { assertIntegerAtLeast, assertValid, labelCheck, predictionCheck } from './value-checks';

/** How the area between two neighbouring thresholds is computed. */
export type AucSummation = 'trapezoidal' | 'careful_interpolation' | 'minoring' | 'majoring';

export interface AucOptions {
  /** The number of points of the curve, at least 2. Default: 200. */
  readonly numThresholds?: number;
  /** `'ROC'`: recall over the false positive rate. `'PR'`: precision over recall. Default: `'ROC'`. */
  readonly curve?: 'ROC' | 'PR';
  /**
   * `'trapezoidal'`: straight lines. `'careful_interpolation'`: for PR, the interpolation of Davis and
   * Goadrich, which is more exact; for ROC, straight lines. `'minoring'` and `'majoring'`: the lower
   * and the upper sum. Default: `'trapezoidal'`.
   */
  readonly summationMethod?: AucSummation;
}

/** Evenly from 0 to 1. The ends are moved outward a little, so that 0 and 1 themselves lie between. */
const thresholds = (count: number): number[] => {
  const inner = Array.from({ length: count - 2 }, (_, index) => (index + 1) / (count - 1));
  return [-1e-7, ...inner, 1 + 1e-7];
};

/** Keeps rates defined where nothing was counted. */
const EPSILON = 1e-6;

/** Weighted counts of the outcomes at one threshold. */
interface OutcomeCounts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

const countsFrom = (totals: MetricTotals): OutcomeCounts[] => {
  const positives = scalarOf(totals, 'positives');
  const negatives = scalarOf(totals, 'negatives');
  const falsePositives = valuesOf(totals, 'falsePositives');
  return Array.from(valuesOf(totals, 'truePositives'), (tp, index) => {
    const fp = falsePositives[index] ?? 0;
    return { tp, fp, fn: positives - tp, tn: negatives - fp };
  });
};

/**
 * The area between two thresholds under the precision-recall curve, which is not a straight line
 * there. Source: Davis and Goadrich 2006, as in TensorFlow's `metrics_impl.py`.
 */
const interpolatedArea = (from: OutcomeCounts, to: OutcomeCounts): number => {
  const predicted = ({ tp, fp }: OutcomeCounts) => tp + fp;
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
} satisfies Record<AucSummation, (a: number, b: number) => number>;

const isSummation = (value: unknown): value is AucSummation =>
  typeof value === 'string' && Object.hasOwn(heights, value);

const aucFrom = ({ curve, summationMethod }: MetricConfig, totals: MetricTotals): number => {
  assertValid('auc', totals, {
    expected: 'probabilities from 0 to 1',
    fix: 'Pass tf.sigmoid(logits), or one column of tf.softmax(logits).',
  });
  const recall = ({ tp, fn }: OutcomeCounts) => (tp + EPSILON) / (tp + fn + EPSILON);
  const precision = ({ tp, fp }: OutcomeCounts) => (tp + EPSILON) / (tp + fp + EPSILON);
  const falsePositiveRate = ({ fp, tn }: OutcomeCounts) => fp / (fp + tn + EPSILON);
  const [x, y] = curve === 'PR' ? [recall, precision] : [falsePositiveRate, recall];
  const height = heights[isSummation(summationMethod) ? summationMethod : 'trapezoidal'];
  const isInterpolated = curve === 'PR' && summationMethod === 'careful_interpolation';
  const counts = countsFrom(totals);
  return counts.slice(1).reduce((area, to, index) => {
    const from = counts[index] ?? to;
    const slice = isInterpolated
      ? interpolatedArea(from, to)
      : (x(from) - x(to)) * height(y(from), y(to));
    return area + slice;
  }, 0);
};

export const aucResults = {
  auc: (config: MetricConfig) => (totals: MetricTotals) => aucFrom(config, totals),
} satisfies ResultBuilders;

const aucUpdate = (inputs: MetricInputs, config: MetricConfig): Record<string, tf.Tensor> => {
  const { labels, predictions, weights } = readInputs('auc', inputs);
  const row = (tensor: tf.Tensor) => tf.reshape(tf.cast(tensor, 'float32'), [1, -1]);
  const scores = row(predictions);
  const isPositive = tf.cast(tf.notEqual(row(labels), 0), 'float32');
  const positive = tf.mul(isPositive, row(weights));
  const negative = tf.mul(tf.sub(1, isPositive), row(weights));
  const limits = thresholds(numberIn(config, 'numThresholds'));
  const isAbove = tf.greater(scores, tf.tensor2d(limits, [limits.length, 1]));
  const sumAbove = (amounts: tf.Tensor) =>
    tf.reshape(tf.matMul(tf.cast(isAbove, 'float32'), amounts, false, true), [-1]);
  return {
    truePositives: sumAbove(positive),
    falsePositives: sumAbove(negative),
    positives: tf.sum(positive),
    negatives: tf.sum(negative),
    ...labelCheck(labels, weights),
    ...predictionCheck(predictions, weights, [0, 1]),
  };
};

/**
 * The area under the ROC or the precision-recall curve, from weighted counts at evenly spaced
 * thresholds. More thresholds give a more exact area and cost memory: [numThresholds, values] per batch.
 *
 * With a single class the area says nothing: ROC is 0 for positives alone and 1 for negatives alone, PR 1
 * and 0, as in TensorFlow 1. With two thresholds, which make one bucket, ROC is 0.5 and PR (p + 1) / 2
 * for a share p of positives.
 *
 * `tf.metrics.auc` of TensorFlow 1 (`tensorflow/python/ops/metrics_impl.py`), including its epsilons.
 * `tf.keras.metrics.AUC` has no epsilons in its rates and interpolates the PR curve by default, as
 * `summationMethod: 'careful_interpolation'` does here. All values belong to one curve, as in Keras
 * without `multi_label`.
 *
 * @param inputs.labels 0 and 1 of any numeric dtype, or bool; any shape. Nonzero counts as positive
 * @param inputs.predictions probabilities from 0 to 1 of the same shape, float32
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @param inputs.numThresholds the number of points of the curve, at least 2. Default: 200
 * @param inputs.curve `'ROC'` or `'PR'`. Default: `'ROC'`
 * @param inputs.summationMethod how to compute the area between thresholds. Default: `'trapezoidal'`
 * @returns a metric whose result is a number from 0 to 1; 0 over no examples. See above for a single class
 * @throws MetricError when an option has another value; from `update`, when shapes do not fit; from
 *   `result`, when a prediction with a weight was outside 0 to 1 or NaN, or a label was NaN
 *
 * @example
 * metrics.auc({ labels, predictions: () => tf.sigmoid(logits), curve: 'PR', summationMethod: 'careful_interpolation' });
 */
export const auc = metricFunction(
  'auc',
  { ...inputKeys, numThresholds: true, curve: true, summationMethod: true },
  ({
    numThresholds = 200,
    curve = 'ROC',
    summationMethod = 'trapezoidal',
    ...inputs
  }: MetricInputs & AucOptions): Metric => {
    assertIntegerAtLeast(2, 'auc', 'numThresholds', numThresholds, 'Omit it to use 200.');
    assertOneOf('curve', curve, ['ROC', 'PR']);
    assertOneOf('summationMethod', summationMethod, Object.keys(heights));
    const config = { numThresholds, curve, summationMethod };
    return {
      kind: 'auc',
      config,
      update: () => aucUpdate(inputs, config),
      result: aucResults.auc(config),
    };
  },
);

/** @throws MetricError when an option has none of the names */
const assertOneOf = (option: string, value: unknown, names: readonly string[]): void => {
  if (typeof value === 'string' && names.includes(value)) return;
  throw new MetricError({
    subject: `option "${option}" of metrics.auc`,
    expected: names.map((name) => `'${name}'`).join(' or '),
    actual: typeof value === 'string' ? `'${value}'` : String(value),
    fix: didYouMean(String(value), names),
  });
};
