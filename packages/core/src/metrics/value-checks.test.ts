import { pythonOracle, runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runner } from '../../test/model-function-runner';
import * as layers from '../layers';
import * as metrics from '.';
import { MetricAccumulator } from './accumulator';
import { type Metric, MetricError } from './metric';

beforeAll(() => tf.setBackend('cpu'));

const measure = async (make: () => Metric<unknown>): Promise<unknown> => {
  const accumulator = new MetricAccumulator<unknown>();
  tf.tidy(() => accumulator.add(make()));
  return accumulator.result();
};

const labels = () => tf.tensor1d([0, 1, 1, 0]);
const ids = () => tf.tensor1d([0, 1, 1, 0], 'int32');
const inputsOf = (predictions: readonly number[], weights?: readonly number[]) => ({
  labels: labels(),
  predictions: tf.tensor1d([...predictions]),
  ...(weights && { weights: tf.tensor1d([...weights]) }),
});

const scored = {
  auc: metrics.auc,
  precision: metrics.precision,
  recall: metrics.recall,
  f1: metrics.f1,
  binaryAccuracy: metrics.binaryAccuracy,
};

describe.each(Object.entries(scored))('metrics.%s', (name, metric) => {
  it.each([
    ['NaN', [0.1, Number.NaN, 0.7, 0.2]],
    ['logits', [0.1, 3.2, 0.7, 0.2]],
    ['infinite', [0.1, Number.POSITIVE_INFINITY, 0.7, 0.2]],
  ])('rejects predictions that are no probabilities: %s', async (_, predictions) => {
    await expect(measure(() => metric(inputsOf(predictions)))).rejects.toThrow(
      new RegExp(
        `predictions of metrics.${name}: expected probabilities from 0 to 1, got 1 outside that range, or NaN`,
      ),
    );
  });

  it('rejects labels that are NaN', async () => {
    const inputs = () => ({
      labels: tf.tensor1d([0, Number.NaN]),
      predictions: tf.tensor1d([0.1, 0.9]),
    });
    await expect(measure(() => metric(inputs()))).rejects.toThrow(
      `labels of metrics.${name}: expected numbers, got 1 that are NaN`,
    );
  });

  it('accepts any value where the weight is 0', async () => {
    const weights = [1, 0, 1, 1];
    const [masked, plain] = await Promise.all(
      [Number.NaN, 0.5].map((value) =>
        measure(() => metric(inputsOf([0.1, value, 0.7, 0.2], weights))),
      ),
    );
    expect(masked).toBe(plain);
  });

  it('rejects unknown options, superfluous arguments, and inputs that are no tensors', () => {
    const call =
      (...args: unknown[]) =>
      () =>
        Reflect.apply(metric, undefined, args);
    const inputs = inputsOf([0, 1, 1, 0]);
    expect(call({ ...inputs, weight: 1 })).toThrow(/got "weight"\. Did you mean "weights"\?/);
    expect(call(inputs.labels, inputs.predictions)).toThrow(/at most 1 argument/);
    expect(call({ ...inputs, labels: [0, 1] })).toThrow(
      /option "labels" of .*expected a tensor, or a function that returns one, got an array/,
    );
    expect(call({ labels: inputs.labels })).toThrow(/option "predictions" .*got nothing/);
  });
});

describe('thresholds', () => {
  it('of logits accept any number but NaN', async () => {
    const accuracy = (value: number) =>
      measure(() => metrics.binaryAccuracy({ ...inputsOf([-3, value, 4, -0.5]), threshold: 0 }));
    expect(await accuracy(7)).toBe(1);
    await expect(accuracy(Number.NaN)).rejects.toThrow(/expected numbers, got 1 that are NaN/);
  });

  it.each([Number.NaN, '0.5', Number.POSITIVE_INFINITY, null])('are not %s', (threshold) => {
    for (const metric of [metrics.precision, metrics.f1, metrics.binaryAccuracy]) {
      const call = () => Reflect.apply(metric, undefined, [{ ...inputsOf([0]), threshold }]);
      expect(call).toThrow(/option "threshold" of metrics\.\w+: expected a finite number/);
    }
  });
});

describe('options', () => {
  const inputs = { labels, predictions: labels };
  it.each<[string, object, RegExp]>([
    [
      'auc',
      { curve: 'pr' },
      /option "curve" of metrics\.auc: expected 'ROC' or 'PR', got 'pr'.*"PR"/,
    ],
    ['auc', { curve: 'precision-recall' }, /got 'precision-recall'/],
    ['auc', { summationMethod: 'trapezoid' }, /"summationMethod".*Did you mean "trapezoidal"/],
    ['auc', { numThresholds: 2.5 }, /"numThresholds".*integer of at least 2, got 2\.5/],
    ['sparseTopKAccuracy', { k: 0 }, /"k".*integer of at least 1, got 0/],
    ['sparseTopKAccuracy', { k: '3' }, /"k".*got "3"/],
    ['meanIoU', { numClasses: 1.5 }, /"numClasses".*got 1\.5/],
    ['confusionMatrix', { numClasses: Number.NaN }, /"numClasses".*got NaN/],
  ])('of metrics.%s are checked: %o', (name, wrong, message) => {
    const call = () =>
      Reflect.apply(Reflect.get(metrics, name), undefined, [{ ...inputs, ...wrong }]);
    expect(call).toThrow(MetricError);
    expect(call).toThrow(message);
  });

  it('of metrics.mean are named: a tensor in their place is an error', () => {
    expect(() => Reflect.apply(metrics.mean, undefined, [tf.zeros([2])])).toThrow(
      'expected an object with "values", "weights", got an instance of Tensor. Name the option, as in { values: … }.',
    );
  });

  it('of metrics.custom are checked', () => {
    const update = () => ({});
    const call = (definition: object) => () =>
      Reflect.apply(metrics.custom, undefined, [definition]);
    expect(call({ update })).toThrow(/"result" of metrics\.custom\(\)/);
    expect(call({ update, result: 3 })).toThrow(/"result".*expected a function, got 3/);
    expect(call({ update, result: () => 0, reset: update })).toThrow(/got "reset"/);
  });
});

describe('values that count as something else in silence', () => {
  it.each<[string, () => Metric<unknown>, RegExp]>([
    [
      'accuracy of NaN',
      () => metrics.accuracy(inputsOf([0, Number.NaN, 1, 0])),
      /predictions of metrics\.accuracy: expected numbers, got 1 that are NaN/,
    ],
    [
      'NaN among the scores of other classes',
      () =>
        metrics.sparseTopKAccuracy({
          labels: ids(),
          predictions: tf.tensor2d([1, 0, Number.NaN, 1, 0, 1, 1, 0], [4, 2]),
          k: 1,
        }),
      /predictions of metrics\.sparseTopKAccuracy: expected numbers, got 1 that are NaN/,
    ],
    [
      'NaN as a class id',
      () => metrics.meanIoU({ ...inputsOf([0, Number.NaN, 1, 0]), numClasses: 2 }),
      /expected class ids from 0 to 1, got 1 outside that range, or NaN/,
    ],
    [
      'strings',
      () => metrics.accuracy({ labels: tf.tensor1d(['a']), predictions: tf.tensor1d(['a']) }),
      /labels of metrics\.accuracy: expected a tensor of dtype float32, int32 or bool, got dtype string/,
    ],
  ])('%s', async (_, make, message) => {
    await expect(measure(make)).rejects.toThrow(message);
  });

  it('ignored labels such as -1 need the weight 0', async () => {
    const make = (weights?: tf.Tensor) =>
      metrics.confusionMatrix({
        labels: tf.tensor1d([-1, 1], 'int32'),
        predictions: tf.tensor1d([0, 1], 'int32'),
        weights,
        numClasses: 2,
      });
    await expect(measure(() => make())).rejects.toThrow(/got 1 outside that range/);
    expect(await measure(() => make(tf.tensor1d([0, 1])))).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it('NaN weights and NaN values give NaN', async () => {
    const nan = tf.tensor1d([1, Number.NaN, 1, 1]);
    expect(await measure(() => metrics.mean({ values: nan }))).toBeNaN();
    expect(await measure(() => metrics.mean({ values: labels(), weights: nan }))).toBeNaN();
    expect(
      await measure(() => metrics.precision({ ...inputsOf([0, 1, 1, 0]), weights: nan })),
    ).toBeNaN();
  });
});

const oracle = await pythonOracle();

const source = `
import json
import numpy as np
import keras
from keras import ops
logits = np.float32([[[2, 1], [0, 3], [1, 0]], [[1, 2], [5, 0], [0, 4]]])
mask = np.array([[True, True, False], [True, False, False]])
labels = np.array([[1, 1, 0], [1, 1, 1]])
weights = np.float32([[1, 2, 3], [0.5, 1, 1]])
def masked(x):
    x = ops.convert_to_tensor(x)
    keras.src.backend.set_keras_mask(x, ops.convert_to_tensor(mask))
    return x
values = np.float32(logits[..., 0])
def of(metric, labels, predictions, **kw):
    metric.update_state(labels, masked(predictions), **kw)
    return float(metric.result())
print(json.dumps({
    'meanAbsoluteError': of(keras.metrics.MeanMetricWrapper(lambda t, p: ops.abs(t - p)), labels.astype('float32'), values),
    'meanSquaredError, weighted': of(keras.metrics.MeanMetricWrapper(lambda t, p: ops.square(t - p)), labels.astype('float32'), values, sample_weight=weights),
    'accuracy': of(keras.metrics.Accuracy(), labels, logits.argmax(-1)),
}))
`;

/** The first call of a runner runs twice. */
const inModel = async (make: () => Metric<unknown>): Promise<unknown> => {
  const { run } = runner();
  run(() => undefined);
  const accumulator = new MetricAccumulator<unknown>();
  tf.tidy(() => run(() => accumulator.add(make())));
  return accumulator.result();
};

describe('masks of predictions', () => {
  const logits = () => tf.tensor3d([2, 1, 0, 3, 1, 0, 1, 2, 5, 0, 0, 4], [2, 3, 2]);
  const mask = () => tf.tensor2d([1, 1, 0, 1, 0, 0], [2, 3], 'bool');
  const truth = () => tf.tensor2d([1, 1, 0, 1, 1, 1], [2, 3], 'int32');
  const values = () =>
    layers.setMask(tf.squeeze(tf.slice(logits(), [0, 0, 0], [2, 3, 1]), [2]), mask());
  const classes = () => layers.setMask(tf.argMax(logits(), -1), mask());
  const weights = () => tf.tensor2d([1, 2, 3, 0.5, 1, 1], [2, 3]);
  const masked: Record<string, () => Metric> = {
    meanAbsoluteError: () => metrics.meanAbsoluteError({ labels: truth(), predictions: values() }),
    'meanSquaredError, weighted': () =>
      metrics.meanSquaredError({ labels: truth(), predictions: values(), weights: weights() }),
    accuracy: () => metrics.accuracy({ labels: truth(), predictions: classes() }),
  };
  it.skipIf(oracle.python === undefined)('count as weights, as in Keras', async () => {
    const theirs = runPython<Record<string, number>>(oracle.python ?? '', source);
    for (const [name, make] of Object.entries(masked)) {
      const expected = expect.closeTo(theirs[name] ?? Number.NaN, 5);
      expect([name, await inModel(make)]).toEqual([name, expected]);
    }
  });

  it('count in metrics.mean, and in those of Keras that ignore them', async () => {
    expect(await inModel(() => metrics.mean({ values: values() }))).toBe(1);
    const matrix = () =>
      metrics.confusionMatrix({ labels: truth(), predictions: classes(), numClasses: 2 });
    expect(await inModel(matrix)).toEqual([
      [0, 0],
      [1, 2],
    ]);
  });
});
