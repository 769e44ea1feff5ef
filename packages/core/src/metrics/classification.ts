import * as tf from '@tensorflow/tfjs';
import { inputKeys, metricFunction } from './arguments';
import { type MetricInputs, numericTensor, readInputs, weightsOf } from './inputs';
import { meanResult, meanUpdate } from './mean';
import {
  type Metric,
  type MetricConfig,
  MetricError,
  type MetricTotals,
  numberIn,
  type ResultBuilders,
} from './metric';
import {
  assertFinite,
  assertIntegerAtLeast,
  assertValid,
  assertValidAt,
  labelCheck,
  predictionCheck,
  rangeAt,
} from './value-checks';

const shareOfValid = (kind: string) => (totals: MetricTotals) => {
  assertValid(kind, totals);
  return meanResult(totals);
};

export const classificationResults = {
  accuracy: () => shareOfValid('accuracy'),
  binaryAccuracy: (config: MetricConfig) => (totals: MetricTotals) => {
    assertValidAt('binaryAccuracy', numberIn(config, 'threshold'), totals);
    return meanResult(totals);
  },
  sparseTopKAccuracy: () => shareOfValid('sparseTopKAccuracy'),
} satisfies ResultBuilders;

/**
 * The weighted share of predictions that equal their label, from 0 to 1.
 *
 * `tf.metrics.accuracy` of TensorFlow 1, `tf.keras.metrics.Accuracy`. It compares values as they are:
 * unlike the string `'accuracy'` in Keras, it does not derive class ids from logits, and unlike
 * TensorFlow 1, it does not cast predictions to the dtype of the labels. Pass `tf.argMax(logits, 1)`
 * for one-hot or softmax outputs, and see {@link binaryAccuracy} for probabilities.
 *
 * @param inputs.labels any shape, usually class ids [batch]; any numeric dtype or bool
 * @param inputs.predictions the same shape, usually class ids [batch]; any numeric dtype or bool
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @returns a metric whose result is a number; 0 over no examples
 * @throws MetricError from `update`, when shapes do not fit; from `result`, when a label or prediction
 *   with a weight was NaN
 *
 * @example
 * metrics.accuracy({ labels: features.labels, predictions: () => tf.argMax(logits, 1) });
 */
export const accuracy = metricFunction(
  'accuracy',
  inputKeys,
  (inputs: MetricInputs): Metric => ({
    kind: 'accuracy',
    config: {},
    update: () => {
      const { labels, predictions, weights } = readInputs('accuracy', inputs);
      return {
        ...meanUpdate(tf.equal(labels, predictions), weights),
        ...labelCheck(labels, weights),
        ...predictionCheck(predictions, weights),
      };
    },
    result: classificationResults.accuracy(),
  }),
);

/**
 * The weighted share of probabilities on the same side of a threshold as their label, from 0 to 1.
 *
 * `tf.keras.metrics.BinaryAccuracy`; TensorFlow 1 has no counterpart. Keras averages over the last
 * dimension before it applies weights, here every value has a weight.
 *
 * @param inputs.labels 0 and 1 of any numeric dtype, or bool; any shape. Other values never match
 * @param inputs.predictions probabilities of the same shape, float32. For logits, set `threshold` to 0
 * @param inputs.weights a scalar, [batch], or one for each value. Default: 1
 * @param inputs.threshold a prediction greater than this counts as 1. Between 0 and 1, predictions must
 *   be probabilities; otherwise they may be any numbers. Default: 0.5
 * @returns a metric whose result is a number; 0 over no examples
 * @throws MetricError when `threshold` is not a finite number; from `update`, when shapes do not fit; from
 *   `result`, when a value with a weight was NaN, or a prediction was no probability where it must be
 */
export const binaryAccuracy = metricFunction(
  'binaryAccuracy',
  { ...inputKeys, threshold: true },
  ({ threshold = 0.5, ...inputs }: MetricInputs & { readonly threshold?: number }): Metric => {
    assertFinite('binaryAccuracy', 'threshold', threshold);
    const config = { threshold };
    return {
      kind: 'binaryAccuracy',
      config,
      update: () => {
        const { labels, predictions, weights } = readInputs('binaryAccuracy', inputs);
        const scores = tf.cast(predictions, 'float32');
        const isPositive = tf.cast(tf.greater(scores, threshold), 'float32');
        return {
          ...meanUpdate(tf.equal(tf.cast(labels, 'float32'), isPositive), weights),
          ...labelCheck(labels, weights),
          ...predictionCheck(predictions, weights, rangeAt(threshold)),
        };
      },
      result: classificationResults.binaryAccuracy(config),
    };
  },
);

/**
 * The weighted share of examples whose label is among the k classes with the highest scores, from 0 to
 * 1. Classes that tie for the k-th place all count as among them. An example counts as wrong when its
 * label is not a class id, or when the label's score is not finite. Unlike TensorFlow, which counts an
 * example as wrong when any score is infinite, a class may have the score −Infinity.
 *
 * `tf.keras.metrics.SparseTopKCategoricalAccuracy`, `tf.math.in_top_k`.
 *
 * @param inputs.labels class ids [batch], int32 or integers in float32
 * @param inputs.predictions scores [batch, classes], logits or probabilities; any numeric dtype
 * @param inputs.weights a scalar, or [batch]. Default: 1
 * @param inputs.k how many classes to consider, at least 1. Default: 5
 * @returns a metric whose result is a number; 0 over no examples
 * @throws MetricError when `k` is not a positive integer; from `update`, when shapes do not fit; from
 *   `result`, when a label or score with a weight was NaN
 */
export const sparseTopKAccuracy = metricFunction(
  'sparseTopKAccuracy',
  { ...inputKeys, k: true },
  ({ k = 5, ...inputs }: MetricInputs & { readonly k?: number }): Metric => {
    assertIntegerAtLeast(1, 'sparseTopKAccuracy', 'k', k, 'Pass how many classes to consider.');
    return {
      kind: 'sparseTopKAccuracy',
      config: { k },
      update: () => topKUpdate(inputs, k),
      result: classificationResults.sparseTopKAccuracy(),
    };
  },
);

const topKUpdate = (inputs: MetricInputs, k: number): Record<string, tf.Tensor> => {
  const labels = numericTensor('sparseTopKAccuracy', 'labels', inputs.labels);
  const predictions = numericTensor('sparseTopKAccuracy', 'predictions', inputs.predictions);
  const [batch, classes] = predictions.shape;
  if (
    labels.rank !== 1 ||
    predictions.rank !== 2 ||
    classes === undefined ||
    labels.shape[0] !== batch
  ) {
    throw new MetricError({
      subject: 'metrics.sparseTopKAccuracy',
      expected: 'labels [batch] and predictions [batch,classes]',
      actual: `labels [${labels.shape}] and predictions [${predictions.shape}]`,
      fix: 'Pass class ids as labels, and one score for each class as predictions.',
    });
  }
  const weights = weightsOf('sparseTopKAccuracy', labels, inputs.weights);
  const isTarget = tf.oneHot(tf.cast(labels, 'int32'), classes);
  const scores = tf.cast(predictions, 'float32');
  const zeros = tf.zerosLike(scores);
  const target = tf.sum(tf.where(tf.cast(isTarget, 'bool'), scores, zeros), 1, true);
  const isClass = tf.greater(tf.sum(isTarget, 1), 0);
  const better = tf.sum(tf.cast(tf.greater(scores, target), 'float32'), 1);
  const hasFiniteScore = tf.reshape(tf.isFinite(target), [-1]);
  const isHit = tf.logicalAnd(tf.logicalAnd(isClass, hasFiniteScore), tf.less(better, k));
  const ofScores = tf.mul(tf.onesLike(scores), tf.expandDims(weights, -1));
  return {
    ...meanUpdate(isHit, weights),
    ...labelCheck(labels, weights),
    ...predictionCheck(predictions, ofScores),
  };
};
