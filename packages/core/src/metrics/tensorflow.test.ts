import { pythonOracle, runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as metrics from '.';
import { MetricAccumulator } from './accumulator';
import type { Metric } from './metric';

const oracle = await pythonOracle();

/** Examples in three batches of different sizes, with tied values and weights of zero. */
const batches = [7, 64, 33].map((size, batch) => {
  const random = tf.randomUniform([size * 10], 0, 1, 'float32', 17 + batch).arraySync() as number[];
  const at = (row: number, column: number) => random[row * 10 + column] ?? 0;
  const rows = [...Array(size).keys()];
  return {
    ids: rows.map((row) => Math.floor(at(row, 0) * 5)),
    guesses: rows.map((row) => Math.floor((at(row, 1) < 0.5 ? at(row, 0) : at(row, 2)) * 5)),
    binary: rows.map((row) => (at(row, 3) < 0.4 ? 1 : 0)),
    probabilities: rows.map((row) => {
      const probability = 0.6 * at(row, 4) + (at(row, 3) < 0.4 ? 0.4 : 0);
      return Math.fround(Math.round(probability * 50) / 50);
    }),
    values: rows.map((row) => at(row, 5) * 10 - 5),
    targets: rows.map((row) => at(row, 6) * 10 - 5),
    scores: rows.map((row) => [5, 6, 7, 8, 9].map((column) => Math.round(at(row, column) * 8))),
    weights: rows.map((row) => Math.floor(at(row, 7) * 4) / 2),
  };
});

type Data = Record<keyof (typeof batches)[number], tf.Tensor>;

const tensorsOf = (batch: (typeof batches)[number]): Data => ({
  ids: tf.tensor1d(batch.ids, 'int32'),
  guesses: tf.tensor1d(batch.guesses, 'int32'),
  binary: tf.tensor1d(batch.binary, 'int32'),
  probabilities: tf.tensor1d(batch.probabilities),
  values: tf.tensor1d(batch.values),
  targets: tf.tensor1d(batch.targets),
  scores: tf.tensor2d(batch.scores),
  weights: tf.tensor1d(batch.weights),
});

const aucs = (['ROC', 'PR'] as const).flatMap((curve) =>
  (['trapezoidal', 'careful_interpolation', 'minoring', 'majoring'] as const).map(
    (summationMethod) => ({ curve, summationMethod }),
  ),
);

/** One class, at many thresholds and in one bucket: name, label, thresholds, curve. */
const oneSided = (['ROC', 'PR'] as const).flatMap((curve) =>
  [0, 1].flatMap((label) =>
    [2, 3, 200].map(
      (count) => [`auc ${curve} of only ${label} at ${count}`, label, count, curve] as const,
    ),
  ),
);

const ours: Record<string, (data: Data, weights?: tf.Tensor) => Metric<unknown>> = {
  accuracy: ({ ids, guesses }, weights) =>
    metrics.accuracy({ labels: ids, predictions: guesses, weights }),
  binaryAccuracy: ({ binary, probabilities }, weights) =>
    metrics.binaryAccuracy({ labels: binary, predictions: probabilities, weights, threshold: 0.3 }),
  mean: ({ values }, weights) => metrics.mean({ values, weights }),
  precision: ({ binary, probabilities }, weights) =>
    metrics.precision({ labels: binary, predictions: probabilities, weights }),
  recall: ({ binary, probabilities }, weights) =>
    metrics.recall({ labels: binary, predictions: probabilities, weights, threshold: 0.7 }),
  f1: ({ binary, probabilities }, weights) =>
    metrics.f1({ labels: binary, predictions: probabilities, weights }),
  meanAbsoluteError: ({ values, targets }, weights) =>
    metrics.meanAbsoluteError({ labels: targets, predictions: values, weights }),
  meanSquaredError: ({ values, targets }, weights) =>
    metrics.meanSquaredError({ labels: targets, predictions: values, weights }),
  rootMeanSquaredError: ({ values, targets }, weights) =>
    metrics.rootMeanSquaredError({ labels: targets, predictions: values, weights }),
  sparseTopKAccuracy: ({ ids, scores }, weights) =>
    metrics.sparseTopKAccuracy({ labels: ids, predictions: scores, weights, k: 2 }),
  meanIoU: ({ ids, guesses }, weights) =>
    metrics.meanIoU({ labels: ids, predictions: guesses, weights, numClasses: 7 }),
  confusionMatrix: ({ ids, guesses }, weights) =>
    metrics.confusionMatrix({ labels: ids, predictions: guesses, weights, numClasses: 5 }),
  'precision of logits': ({ binary, values }, weights) =>
    metrics.precision({ labels: binary, predictions: values, weights, threshold: 0 }),
  ...Object.fromEntries(
    oneSided.map(([name, label, numThresholds, curve]) => [
      name,
      ({ probabilities }: Data, weights?: tf.Tensor) =>
        metrics.auc({
          labels: tf.fill(probabilities.shape, label),
          predictions: probabilities,
          weights,
          numThresholds,
          curve,
        }),
    ]),
  ),
  'auc with two thresholds': ({ binary, probabilities }, weights) =>
    metrics.auc({ labels: binary, predictions: probabilities, weights, numThresholds: 2 }),
  'auc with negative weights': ({ binary, probabilities, values }) =>
    metrics.auc({ labels: binary, predictions: probabilities, weights: tf.sub(values, 2) }),
  'mean with negative weights': ({ values, targets }) =>
    metrics.mean({ values, weights: tf.sub(targets, 7) }),
  ...Object.fromEntries(
    aucs.map((options) => [
      `auc ${options.curve} ${options.summationMethod}`,
      ({ binary, probabilities }: Data, weights?: tf.Tensor) =>
        metrics.auc({ labels: binary, predictions: probabilities, weights, ...options }),
    ]),
  ),
};

/** TensorFlow's values: from its version 1 metrics where they exist, otherwise from Keras. */
const source = `
import json, sys
import numpy as np
import tensorflow as tf
v1 = tf.compat.v1
batches = json.load(sys.stdin)

def graph_metric(make):
    with tf.Graph().as_default(), v1.Session() as session:
        kinds = {'ids': tf.int32, 'guesses': tf.int32, 'binary': tf.int32}
        feeds = {key: v1.placeholder(kinds.get(key, tf.float32), [None, 5] if key == 'scores' else [None]) for key in batches[0]}
        value, update = make(feeds)
        session.run(v1.local_variables_initializer())
        for batch in batches:
            session.run(update, {feeds[key]: batch[key] for key in batch})
        return float(np.squeeze(session.run(value)))

def keras_metric(metric, labels, predictions, is_weighted, wrap=lambda x: x):
    for batch in batches:
        weights = np.float32(batch['weights']) if is_weighted else None
        metric.update_state(wrap(np.array(batch[labels])), wrap(np.float32(batch[predictions])), sample_weight=weights)
    return float(metric.result())

result = {}
for is_weighted in (False, True):
    w = (lambda f: f['weights']) if is_weighted else (lambda f: None)
    column = lambda x: np.float32(x)[:, None]
    m = {
        'accuracy': graph_metric(lambda f: v1.metrics.accuracy(f['ids'], f['guesses'], w(f))),
        'mean': graph_metric(lambda f: v1.metrics.mean(f['values'], w(f))),
        'meanAbsoluteError': graph_metric(lambda f: v1.metrics.mean_absolute_error(f['targets'], f['values'], w(f))),
        'meanSquaredError': graph_metric(lambda f: v1.metrics.mean_squared_error(f['targets'], f['values'], w(f))),
        'rootMeanSquaredError': graph_metric(lambda f: v1.metrics.root_mean_squared_error(f['targets'], f['values'], w(f))),
        'meanIoU': graph_metric(lambda f: v1.metrics.mean_iou(f['ids'], f['guesses'], 7, w(f))),
        'binaryAccuracy': keras_metric(tf.keras.metrics.BinaryAccuracy(threshold=0.3), 'binary', 'probabilities', is_weighted, column),
        'precision': keras_metric(tf.keras.metrics.Precision(), 'binary', 'probabilities', is_weighted),
        'recall': keras_metric(tf.keras.metrics.Recall(thresholds=0.7), 'binary', 'probabilities', is_weighted),
        'f1': keras_metric(tf.keras.metrics.F1Score(average='micro', threshold=0.5), 'binary', 'probabilities', is_weighted, column),
        'sparseTopKAccuracy': keras_metric(tf.keras.metrics.SparseTopKCategoricalAccuracy(k=2), 'ids', 'scores', is_weighted),
        'confusionMatrix': sum(tf.math.confusion_matrix(b['ids'], b['guesses'], 5, b['weights'] if is_weighted else None, tf.float64).numpy() for b in batches).tolist(),
    }
    for curve in ('ROC', 'PR'):
        for label in (0, 1):
            for count in (2, 3, 200):
                m[f'auc {curve} of only {label} at {count}'] = graph_metric(
                    lambda f: v1.metrics.auc(tf.fill(tf.shape(f['binary']), label), f['probabilities'], w(f), num_thresholds=count, curve=curve))
    m['precision of logits'] = graph_metric(lambda f: v1.metrics.precision_at_thresholds(f['binary'], tf.sigmoid(f['values']), [0.5], w(f)))
    m['auc with two thresholds'] = graph_metric(lambda f: v1.metrics.auc(f['binary'], f['probabilities'], w(f), num_thresholds=2))
    m['auc with negative weights'] = graph_metric(lambda f: v1.metrics.auc(f['binary'], f['probabilities'], f['values'] - 2))
    m['mean with negative weights'] = graph_metric(lambda f: v1.metrics.mean(f['values'], f['targets'] - 7))
    for curve in ('ROC', 'PR'):
        for method in ('trapezoidal', 'careful_interpolation', 'minoring', 'majoring'):
            m[f'auc {curve} {method}'] = graph_metric(
                lambda f: v1.metrics.auc(f['binary'], f['probabilities'], w(f), curve=curve, summation_method=method))
    result['weighted' if is_weighted else 'plain'] = m
print(json.dumps(result))
`;

type Values = Record<string, number | number[][]>;

describe.skipIf(oracle.python === undefined)(
  `the values of TensorFlow${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`,
  () => {
    let theirs: Record<'plain' | 'weighted', Values>;
    beforeAll(async () => {
      await tf.setBackend('cpu');
      theirs = runPython(oracle.python ?? '', source, [], JSON.stringify(batches));
    });

    it.each(
      Object.keys(ours).flatMap((name) => [[name, 'plain'] as const, [name, 'weighted'] as const]),
    )('%s, %s', async (name, mode) => {
      const accumulator = new MetricAccumulator<unknown>();
      for (const batch of batches) {
        tf.tidy(() => {
          const data = tensorsOf(batch);
          const metric = ours[name]?.(data, mode === 'weighted' ? data.weights : undefined);
          if (metric) accumulator.add(metric);
        });
      }
      const actual = [await accumulator.result()].flat(2).map(Number);
      const expected = [theirs[mode][name]].flat(2).map(Number);
      expect(actual).toHaveLength(expected.length);
      // TensorFlow sums in float32.
      actual.forEach((value, position) => {
        expect(value).toBeCloseTo(expected[position] ?? Number.NaN, 4);
      });
    });
  },
);
