import { uncheckedFunctions } from '@elistimator/tooling/public-surface';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runner } from '../../test/model-function-runner';
import * as metrics from '../metrics';
import { getVariable, random, variableScope } from '../scope';
import { defineModelFn, EvaluationSpec, PredictSpec, TrainSpec } from '../specs';
import * as layers from '.';

beforeAll(() => tf.setBackend('cpu'));

const x = () => tf.ones([2, 3]);
const image = () => tf.ones([2, 4, 4, 1]);

const call =
  (fn: unknown, ...args: unknown[]) =>
  () =>
    tf.tidy(() =>
      runner().run(() =>
        typeof fn === 'function' ? Reflect.apply(fn, undefined, args) : undefined,
      ),
    );

it('no function of a model function ignores superfluous arguments', async () => {
  const scope = { getVariable, random, variableScope, defineModelFn };
  const specs = { TrainSpec, EvaluationSpec, PredictSpec };
  expect(await uncheckedFunctions({ layers, metrics, ...scope, ...specs })).toEqual([]);
});

describe('layer functions refuse', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'unknown options, which tfjs-layers ignores',
      call(layers.conv2d, image(), { filters: 1, kernelSize: 2, stride: 2 }),
      /"options" of layers\.conv2d\(\): expected only .*got "stride"\. Did you mean "strides"/,
    ],
    [
      'options of Keras in snake case',
      call(layers.lstm, tf.ones([2, 3, 1]), { units: 2, return_sequences: true }),
      /got "return_sequences"\. Did you mean "returnSequences"/,
    ],
    [
      'positional options',
      call(layers.dense, x(), 64),
      /"options" of layers\.dense\(\): .*\{ units: 64 \}/,
    ],
    [
      'superfluous arguments',
      call(layers.reLU, x(), {}, 6),
      /layers\.reLU\(\): expected at most 2 arguments/,
    ],
    [
      'an activation as an argument',
      call(layers.dense, x(), { units: 2 }, 'relu'),
      /Remove "relu"/,
    ],
    ['missing options', call(layers.dense, x()), /"options" of layers\.dense\(\)/],
    [
      'missing sizes',
      call(layers.dense, x(), { activation: 'relu' }),
      /option "units" of layers\.dense\(\)/,
    ],
    [
      'arrays of numbers',
      call(layers.dense, [[1, 2]], { units: 1 }),
      /"input" of layers\.dense\(\): expected a tensor, got an array/,
    ],
    [
      'symbolic tensors',
      call(layers.dense, tf.input({ shape: [3] }), { units: 1 }),
      /an instance of SymbolicTensor/,
    ],
    [
      'one tensor to merge',
      call(layers.add, x(), x()),
      /"input" of layers\.add\(\): expected an array of tensors/,
    ],
    [
      'a rate as an argument',
      call(layers.dropout, x(), 0.5),
      /layers\.dropout\(\).*\{ rate: 0\.5 \}/,
    ],
    ['a misspelt rate', call(layers.dropout, x(), { rte: 0.5 }), /got "rte"\. Did you mean "rate"/],
    [
      'noise without a size',
      call(layers.gaussianNoise, x(), {}),
      /"stddev" of layers\.gaussianNoise/,
    ],
    [
      'masks that are no tensors',
      call(layers.gru, tf.ones([2, 3, 1]), { units: 1, mask: [1] }),
      /option "mask" of layers\.gru\(\): expected a tensor/,
    ],
    ['a layer that is none', call(layers.apply, { apply: x }, x()), /"layer" of layers\.apply\(\)/],
    ['a mask of numbers', call(layers.setMask, x(), [1, 1]), /"mask" of layers\.setMask\(\)/],
  ])('%s', (_, fn, message) => {
    expect(fn).toThrow(message);
  });
});

describe('functions of the scope refuse', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'a shape in place of options',
      call(getVariable, 'v', [2]),
      /"options" of getVariable\(\): .*got an array/,
    ],
    [
      'another dtype',
      call(getVariable, 'v', { shape: [], dtype: 'float64' }),
      /option "dtype" of getVariable\(\): expected 'float32', 'int32' or 'bool'/,
    ],
    [
      'unknown options',
      call(getVariable, 'v', { shape: [], init: 'zeros' }),
      /got "init"\. Did you mean "initializer"/,
    ],
    [
      'a flag in place of options',
      call(variableScope, 's', () => 0, true),
      /"options" of variableScope\(\)/,
    ],
    ['a scope without a function', call(variableScope, 's'), /"fn" of variableScope\(\)/],
    [
      'a size in place of a shape',
      call(random.uniform, 2),
      /"shape" of random\.uniform\(\): expected an array, got 2/,
    ],
    [
      'a dtype in place of a number',
      call(random.normal, [2], 0, 'float32'),
      /"stdDev" of random\.normal\(\)/,
    ],
    ['a seed', call(random.bernoulli, [2], 0.5, 42), /at most 2 arguments/],
  ])('%s', (_, fn, message) => {
    expect(fn).toThrow(message);
  });

  it('a variable of another dtype under the same name', () => {
    const { run } = runner();
    run(() => getVariable('v', { shape: [] }));
    expect(() => run(() => getVariable('v', { shape: [], dtype: 'int32' }))).toThrow(
      /variable "v": expected dtype float32, with which it was created, got int32/,
    );
  });
});

describe('specs refuse', () => {
  const construct =
    (spec: unknown, ...args: unknown[]) =>
    () =>
      typeof spec === 'function' ? Reflect.construct(spec, args) : undefined;
  it.each<[string, () => unknown, RegExp]>([
    [
      'positional fields',
      construct(TrainSpec, x(), tf.train.sgd(0.1)),
      /new TrainSpec\(\): expected at most 1 argument/,
    ],
    ['a loss alone', construct(TrainSpec, { loss: x() }), /"optimizer" of new TrainSpec\(\)/],
    [
      'a tensor',
      construct(TrainSpec, x()),
      /expected an object with "loss", "optimizer", got an instance of Tensor/,
    ],
    [
      'unknown fields',
      construct(EvaluationSpec, { loss: x(), metrics: {}, metric: {} }),
      /got "metric"/,
    ],
    ['outputs without "output"', construct(PredictSpec, { classes: x() }), /got "classes"/],
    ['a model function that is none', call(defineModelFn, {}), /"modelFn" of defineModelFn\(\)/],
  ])('%s', (_, fn, message) => {
    expect(fn).toThrow(message);
  });
});
