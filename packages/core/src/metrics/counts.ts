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
import {
  assertFinite,
  assertIntegerAtLeast,
  assertValidAt,
  countInvalid,
  labelCheck,
  predictionCheck,
  rangeAt,
} from './value-checks';

type BinaryKind = 'precision' | 'recall' | 'f1';

/** Computes a result after checking that every value was compared with the threshold as was meant. */
const ofValid =
  (kind: BinaryKind, result: (totals: MetricTotals) => number) =>
  (config: MetricConfig) =>
  (totals: MetricTotals): number => {
    assertValidAt(kind, numberIn(config, 'threshold'), totals);
    return result(totals);
  };

const truePositivesAmong = (totals: MetricTotals, error: string): number => {
  const right = scalarOf(totals, 'truePositives');
  return divideNoNan(right, right + scalarOf(totals, error));
};

const f1Result = (totals: MetricTotals): number => {
  const right = 2 * scalarOf(totals, 'truePositives');
  const wrong = scalarOf(totals, 'falsePositives') + scalarOf(totals, 'falseNegatives');
  return divideNoNan(right, right + wrong);
};

/** Reads the confusion matrix from the totals, as rows. */
const matrixFrom = (kind: string, config: MetricConfig, totals: MetricTotals): number[][] => {
  const numClasses = numberIn(config, 'numClasses');
  const outside = scalarOf(totals, 'outside');
  if (outside > 0) {
    throw new MetricError({
      subject: `labels and predictions of metrics.${kind}`,
      expected: `class ids from 0 to ${numClasses - 1}`,
      actual: `${outside} outside that range, or NaN`,
      fix: 'Increase "numClasses", or give those values the weight 0.',
    });
  }
  const values = valuesOf(totals, 'matrix');
  return Array.from({ length: numClasses }, (_, row) =>
    Array.from({ length: numClasses }, (_, column) => values[row * numClasses + column] ?? 0),
  );
};

const meanIoUFrom = (matrix: readonly (readonly number[])[]): number => {
  let sum = 0;
  let classes = 0;
  matrix.forEach((row, id) => {
    const intersection = row[id] ?? 0;
    const labelled = row.reduce((total, count) => total + count, 0);
    const predicted = matrix.reduce((total, { [id]: count = 0 }) => total + count, 0);
    const union = labelled + predicted - intersection;
    sum += divideNoNan(intersection, union);
    if (union > 0) classes += 1;
  });
  return divideNoNan(sum, classes);
};

export const countResults = {
  precision: ofValid('precision', (totals) => truePositivesAmong(totals, 'falsePositives')),
  recall: ofValid('recall', (totals) => truePositivesAmong(totals, 'falseNegatives')),
  f1: ofValid('f1', f1Result),
  confusionMatrix: (config: MetricConfig) => (totals: MetricTotals) =>
    matrixFrom('confusionMatrix', config, totals),
  meanIoU: (config: MetricConfig) => (totals: MetricTotals) =>
    meanIoUFrom(matrixFrom('meanIoU', config, totals)),
} satisfies ResultBuilders;

/** Labels (0 and 1, or bool) and probabilities of the same shape. */
export interface BinaryMetricInputs extends MetricInputs {
  /**
   * A prediction greater than this counts as positive. Between 0 and 1, predictions must be
   * probabilities; otherwise they may be any numbers. Default: 0.5.
   */
  readonly threshold?: number;
}

/** Weighted counts of the outcomes at a threshold. */
const binaryUpdate = (kind: string, inputs: BinaryMetricInputs, threshold: number) => {
  const { labels, predictions, weights } = readInputs(kind, inputs);
  const actual = tf.notEqual(tf.cast(labels, 'float32'), 0);
  const predicted = tf.greater(tf.cast(predictions, 'float32'), threshold);
  const count = (outcome: tf.Tensor) => tf.sum(tf.mul(tf.cast(outcome, 'float32'), weights));
  return {
    truePositives: count(tf.logicalAnd(actual, predicted)),
    falsePositives: count(tf.logicalAnd(tf.logicalNot(actual), predicted)),
    falseNegatives: count(tf.logicalAnd(actual, tf.logicalNot(predicted))),
    ...labelCheck(labels, weights),
    ...predictionCheck(predictions, weights, rangeAt(threshold)),
  };
};

const binaryMetric = (kind: BinaryKind): ((inputs: BinaryMetricInputs) => Metric) =>
  metricFunction(
    kind,
    { ...inputKeys, threshold: true },
    ({ threshold = 0.5, ...inputs }: BinaryMetricInputs): Metric => {
      assertFinite(kind, 'threshold', threshold);
      const config = { threshold };
      return {
        kind,
        config,
        update: () => binaryUpdate(kind, inputs, threshold),
        result: countResults[kind](config),
      };
    },
  );

/**
 * The weighted share of positive predictions that are right: TP / (TP + FP).
 *
 * `tf.keras.metrics.Precision` with one threshold, without `top_k` and `class_id`. Unlike
 * `tf.metrics.precision` of TensorFlow 1, which counts every nonzero prediction as positive, it
 * applies a threshold. Predictions outside 0 to 1 are rejected, as in TensorFlow 1, unless the threshold
 * is one of logits.
 *
 * @param inputs.labels 0 and 1 of any numeric dtype, or bool; any shape. Nonzero counts as positive
 * @param inputs.predictions probabilities of the same shape, float32. For logits, set `threshold` to 0
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @param inputs.threshold a prediction greater than this is positive. Default: 0.5
 * @returns a metric whose result is a number from 0 to 1; 0 when no prediction is positive
 * @throws MetricError when `threshold` is not a finite number; from `update`, when shapes do not fit; from
 *   `result`, when a value with a weight was NaN, or a prediction was no probability where it must be
 */
export const precision = binaryMetric('precision');

/**
 * The weighted share of positive labels that were predicted positive: TP / (TP + FN).
 *
 * `tf.keras.metrics.Recall` with one threshold, without `top_k` and `class_id`. Unlike
 * `tf.metrics.recall` of TensorFlow 1, which counts every nonzero prediction as positive, it applies a threshold. Predictions outside 0 to 1 are
 * rejected, as in TensorFlow 1, unless the threshold is one of logits.
 *
 * @param inputs.labels 0 and 1 of any numeric dtype, or bool; any shape. Nonzero counts as positive
 * @param inputs.predictions probabilities of the same shape, float32. For logits, set `threshold` to 0
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @param inputs.threshold a prediction greater than this is positive. Default: 0.5
 * @returns a metric whose result is a number from 0 to 1; 0 when no label is positive
 * @throws MetricError when `threshold` is not a finite number; from `update`, when shapes do not fit; from
 *   `result`, when a value with a weight was NaN, or a prediction was no probability where it must be
 */
export const recall = binaryMetric('recall');

/**
 * The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN), over all values together.
 *
 * `tf.keras.metrics.F1Score` with `average: 'micro'` and a threshold; Keras by default returns one
 * score per class and takes the arg max. TensorFlow 1 has no counterpart.
 *
 * @param inputs.labels 0 and 1 of any numeric dtype, or bool; any shape. Nonzero counts as positive
 * @param inputs.predictions probabilities of the same shape, float32. For logits, set `threshold` to 0
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @param inputs.threshold a prediction greater than this is positive. Default: 0.5
 * @returns a metric whose result is a number from 0 to 1; 0 when there are no positives
 * @throws MetricError when `threshold` is not a finite number; from `update`, when shapes do not fit; from
 *   `result`, when a value with a weight was NaN, or a prediction was no probability where it must be
 */
export const f1 = binaryMetric('f1');

/** Labels and predictions are class ids, of the same shape. */
export interface ClassMetricInputs extends MetricInputs {
  /** The number of classes, at least 1. Class ids go from 0 to `numClasses - 1`. */
  readonly numClasses: number;
}

const confusionUpdate = (
  kind: string,
  { numClasses, ...inputs }: ClassMetricInputs,
): Record<string, tf.Tensor> => {
  const { labels, predictions, weights } = readInputs(kind, inputs);
  const ids = (tensor: tf.Tensor) => tf.reshape(tf.cast(tensor, 'int32'), [-1]);
  const oneHot = (tensor: tf.Tensor) => tf.cast(tf.oneHot(ids(tensor), numClasses), 'float32');
  const weighted = tf.mul(oneHot(labels), tf.reshape(weights, [-1, 1]));
  // Before the cast, which turns NaN into a class.
  const truncated = (tensor: tf.Tensor) =>
    tensor.dtype === 'float32' ? tf.sign(tensor).mul(tf.floor(tf.abs(tensor))) : tensor;
  const outside = (tensor: tf.Tensor) =>
    countInvalid(truncated(tensor), weights, [0, numClasses - 1]);
  return {
    matrix: tf.matMul(weighted, oneHot(predictions), true, false),
    outside: tf.add(outside(labels), outside(predictions)),
  };
};

const assertNumClasses = (kind: string, numClasses: number): void =>
  assertIntegerAtLeast(1, kind, 'numClasses', numClasses, 'Pass the number of classes.');

/**
 * How often each label occurred together with each prediction, by weight.
 *
 * `tf.math.confusion_matrix`, summed over batches. `numClasses` is required, since a batch need not
 * contain every class.
 *
 * @param inputs.labels class ids of any shape, usually [batch]; int32, other dtypes are truncated
 * @param inputs.predictions class ids of the same shape, such as `tf.argMax(logits, 1)`
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @param inputs.numClasses the number of classes, at least 1
 * @returns a metric whose result is `numClasses` rows of `numClasses` weighted counts:
 *   `matrix[label][prediction]`
 * @throws MetricError when `numClasses` is not a positive integer; from `update`, when shapes do not
 *   fit; from `result`, when a class id was outside 0 to `numClasses - 1`
 *
 * @example
 * const confusion = metrics.confusionMatrix({ labels, predictions: classes, numClasses: 10 });
 */
export const confusionMatrix = metricFunction(
  'confusionMatrix',
  { ...inputKeys, numClasses: true },
  (inputs: ClassMetricInputs): Metric<number[][]> => {
    assertNumClasses('confusionMatrix', inputs.numClasses);
    const config = { numClasses: inputs.numClasses };
    return {
      kind: 'confusionMatrix',
      config,
      update: () => confusionUpdate('confusionMatrix', inputs),
      result: countResults.confusionMatrix(config),
    };
  },
);

/**
 * The intersection over union of labels and predictions, TP / (TP + FP + FN), averaged over the classes
 * that occur in either. The usual metric of semantic segmentation.
 *
 * `tf.metrics.mean_iou` of TensorFlow 1, `tf.keras.metrics.MeanIoU`.
 *
 * @param inputs.labels class ids of any shape, such as [batch, height, width]; int32, other dtypes are
 *   truncated
 * @param inputs.predictions class ids of the same shape, such as `tf.argMax(logits, -1)`
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @param inputs.numClasses the number of classes, at least 1
 * @returns a metric whose result is a number from 0 to 1; 0 when no class occurs
 * @throws MetricError when `numClasses` is not a positive integer; from `update`, when shapes do not
 *   fit; from `result`, when a class id was outside 0 to `numClasses - 1`
 */
export const meanIoU = metricFunction(
  'meanIoU',
  { ...inputKeys, numClasses: true },
  (inputs: ClassMetricInputs): Metric => {
    assertNumClasses('meanIoU', inputs.numClasses);
    const config = { numClasses: inputs.numClasses };
    return {
      kind: 'meanIoU',
      config,
      update: () => confusionUpdate('meanIoU', inputs),
      result: countResults.meanIoU(config),
    };
  },
);
