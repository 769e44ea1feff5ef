// Errors of model functions, input functions, options and the order of calls.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Estimator,
  EvaluationSpec,
  layers,
  ModelFnError,
  NonFiniteLossError,
  NotReadyError,
  OptionError,
  PredictSpec,
  summary,
  TrainSpec,
} from '../src';
import { createLineEstimator, lineInputs, lineModelFn } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

describe('an error', () => {
  const withModel = (modelFn: unknown) =>
    new Estimator({ modelFn: modelFn as typeof lineModelFn }, new MemoryPorts());
  const optimizer = () => tf.train.sgd(0.1);
  type Features = { x: tf.Tensor2D };
  const line = (features: Features) => layers.dense(features.x, { units: 1 });

  it.each<[string, unknown, RegExp]>([
    ['that returns nothing', () => undefined, /model function.*TrainSpec.*undefined/],
    ['that returns a promise', async () => [], /promise.*synchronous/],
    ['without a TrainSpec', () => [null, null, null], /\[null, null, null\]/],
    [
      'whose loss is not a scalar',
      (features: Features) => [new TrainSpec({ loss: line(features), optimizer }), null, null],
      /loss of TrainSpec.*scalar.*\[8,1\]/,
    ],
    [
      'whose loss depends on no variable',
      (features: Features) => [new TrainSpec({ loss: features.x.mean(), optimizer }), null, null],
      /depends on none/,
    ],
    [
      'whose optimizer is a number',
      (features: Features) => [
        new TrainSpec({ loss: line(features).mean(), optimizer: 3 as never }),
        null,
        null,
      ],
      /optimizer of TrainSpec/,
    ],
    [
      'whose metric is a number',
      (features: Features) => [
        new TrainSpec({ loss: line(features).mean(), optimizer }),
        new EvaluationSpec({ loss: features.x.mean(), metrics: { a: 3 as never } }),
        null,
      ],
      /metric "a"/,
    ],
    [
      'whose output is not a dictionary',
      (features: Features) => [
        new TrainSpec({ loss: line(features).mean(), optimizer }),
        null,
        new PredictSpec({ output: features.x as never }),
      ],
      /output of PredictSpec/,
    ],
    [
      'that uses a layer name twice',
      (features: Features) => {
        layers.dense(features.x, { units: 1, name: 'same' });
        layers.dense(features.x, { units: 1, name: 'same' });
      },
      /"same".*second/,
    ],
  ])('describes a model function %s', async (_, modelFn, message) => {
    const estimator = withModel(modelFn);
    const trying = estimator.setup(lineInputs).then((ready) => ready.train());
    await expect(trying).rejects.toThrow(ModelFnError);
    await expect(trying).rejects.toThrow(message);
  });

  it('about an unknown feature lists the existing ones', async () => {
    const estimator = withModel((features: { nope: tf.Tensor }) => features.nope.mean());
    await expect(estimator.setup(lineInputs)).rejects.toThrow(/"nope".*"x", "y"/);
  });

  it('is thrown for an optimizer that each call creates anew', async () => {
    const estimator = withModel((features: Features) => [
      new TrainSpec({ loss: line(features).mean(), optimizer: tf.train.sgd(0.1) }),
      null,
      null,
    ]);
    const before = tf.memory().numTensors;
    await expect(estimator.setup(lineInputs)).rejects.toThrow(/same optimizer.*Pass a function/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['that returns an empty dataset', () => [], /trainInputFn.*at least one batch/],
    ['that returns no dataset', () => 5, /trainInputFn/],
    ['whose batches are not dictionaries', () => [5, 6], /trainInputFn, batch 0/],
  ])('names an input function %s', async (_, trainInputFn, message) => {
    const { estimator } = createLineEstimator();
    await expect(estimator.setup({ trainInputFn: trainInputFn as () => never })).rejects.toThrow(
      message,
    );
    await estimator.setup(lineInputs);
    await estimator.train();
  });

  it('about an option names it', async () => {
    const { estimator } = createLineEstimator();
    await expect(estimator.setup({} as never)).rejects.toThrow(OptionError);
    await estimator.setup(lineInputs);
    await expect(estimator.train({ maxSteps: 0 })).rejects.toThrow(/maxSteps.*above 0.*got 0/);
    expect(() => new Estimator({ modelFn: lineModelFn, seed: -1 }, new MemoryPorts())).toThrow(
      OptionError,
    );
  });

  it('is thrown for a metric named loss, but not for a summary of this name', async () => {
    const modelFn = (features: Features) => {
      const loss = line(features).mean();
      summary.scalar('loss', Number.NaN);
      return [new TrainSpec({ loss, optimizer }), null, null] as const;
    };
    const estimator = new Estimator({ modelFn }, new MemoryPorts());
    await estimator.setup(lineInputs);
    await estimator.train();
    const named = withModel((features: Features) => [
      new TrainSpec({ loss: line(features).mean(), optimizer }),
      new EvaluationSpec({ loss: features.x.mean(), metrics: { loss: {} as never } }),
      null,
    ]);
    await expect(named.setup(lineInputs)).rejects.toThrow(/metric "loss".*another name/);
  });

  it('about the order of calls says what to call first', async () => {
    const { estimator } = createLineEstimator();
    await expect(estimator.train()).rejects.toThrow(
      'Must call setup with trainInputFn before using the train method',
    );
    await expect(estimator.validate()).rejects.toThrow('validate method');
    await expect(estimator.predict({ x: [[1]] })).rejects.toThrow(NotReadyError);
    await expect(estimator.saveCkpt()).rejects.toThrow(NotReadyError);
    await estimator.setup({ trainInputFn: lineInputs.trainInputFn });
    await expect(estimator.train().validate()).rejects.toThrow('validate method');
    const bare = withModel((features: Features) => [
      new TrainSpec({ loss: line(features).mean(), optimizer }),
      null,
      null,
    ]);
    await bare.setup(lineInputs);
    await expect(bare.validate()).rejects.toThrow('EvaluationSpec');
    await expect(bare.predict({ x: [[1]] })).rejects.toThrow('PredictSpec');
  });

  it('about a loss that is not finite names the step, or is printed with nanPolicy: warn', async () => {
    const modelFn = (features: Features) => {
      const loss = line(features).mean().mul(features.x.mean());
      return [new TrainSpec({ loss, optimizer }), null, null] as const;
    };
    const trainInputFn = function* () {
      for (let i = 0; i < 5; i++) yield { x: tf.fill([2, 1], i === 2 ? Number.NaN : 1) };
    };
    const throwing = new Estimator({ modelFn }, new MemoryPorts());
    await throwing.setup({ trainInputFn });
    const training = throwing.train();
    await expect(training).rejects.toThrow(NonFiniteLossError);
    await expect(training).rejects.toThrow('global step 3');
    const ports = new MemoryPorts();
    const warning = new Estimator({ modelFn }, ports);
    await warning.setup({ trainInputFn, nanPolicy: 'warn' });
    await warning.train();
    expect(warning.globalStep).toBe(5);
    expect(ports.progress.log.filter((text) => text.includes('global step 3'))).toHaveLength(1);
  });
});
