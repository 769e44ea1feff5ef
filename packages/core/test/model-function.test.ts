// What a model function may do besides computing: penalties of layers, statistics, summaries.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Estimator, EvaluationSpec, layers, PredictSpec, summary, TrainSpec } from '../src';
import { lineInputs, linePoints } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

describe('evaluation and prediction in training mode', () => {
  it('do not change moving averages', async () => {
    const modelFn = (features: { x: tf.Tensor2D }, isTraining: boolean) => {
      const normal = layers.batchNormalization(features.x, { training: isTraining });
      const loss = layers.dense(normal, { units: 1 }).square().mean();
      return [
        new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }),
        new EvaluationSpec({ loss, metrics: {} }),
        new PredictSpec({ output: { normal } }),
      ] as const;
    };
    const estimator = new Estimator({ modelFn }, new MemoryPorts());
    await estimator.setup(lineInputs);
    await estimator.train();
    const mean = () => [
      ...(estimator.session.variables.get('batch_normalization/moving_mean')?.dataSync() ?? []),
    ];
    const before = mean();
    expect(before).not.toEqual([0]);
    await estimator.evaluate({ inputFn: lineInputs.trainInputFn, isTraining: true });
    await estimator.predict({ x: [[9], [9]] }, { isTraining: true });
    expect(mean()).toEqual(before);
    expect(await estimator.predict({ x: [[9], [9]] })).toEqual({
      normal: [[expect.any(Number)], [expect.any(Number)]],
    });
  });
});

describe('regularizers and constraints', () => {
  it('of layers affect training', async () => {
    const trained = async (config: object) => {
      const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
        const line = layers.dense(features.x, { units: 1, useBias: false, ...config });
        const loss = tf.losses.meanSquaredError(features.y, line);
        return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null] as const;
      };
      const ports = new MemoryPorts();
      const estimator = new Estimator({ modelFn, seed: 1 }, ports);
      await estimator.setup(lineInputs);
      for (let round = 0; round < 4; round++) await estimator.train();
      const [weight] = estimator.session.variables.get('dense/kernel')?.dataSync() ?? [];
      return Number(weight);
    };
    const free = await trained({});
    expect(free).toBeGreaterThan(2);
    const regularized = await trained({ kernelRegularizer: tf.regularizers.l2({ l2: 1 }) });
    expect(regularized).toBeLessThan(free / 2);
    const model = () =>
      tf.sequential({
        layers: [
          tf.layers.dense({
            units: 1,
            inputShape: [1],
            kernelInitializer: 'ones',
            kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }),
          }),
        ],
      });
    const penalty = async (apply: (x: tf.Tensor) => tf.Tensor) => {
      const modelFn = (features: { x: tf.Tensor2D }) => {
        const loss = apply(features.x).mean().mul(0);
        return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null] as const;
      };
      const ports = new MemoryPorts();
      const estimator = new Estimator({ modelFn, seed: 1 }, ports);
      await estimator.setup(lineInputs);
      await estimator.train({ maxSteps: 1 });
      return ports.sinks.train.losses[0]?.value;
    };
    const whole = model();
    expect(await penalty((x) => layers.apply(whole, x))).toBeCloseTo(0.01);
    const kernelRegularizer = tf.regularizers.l2({ l2: 0.1 });
    const lstm = { units: 2, kernelInitializer: 'ones', kernelRegularizer } as const;
    expect(await penalty((x) => layers.lstm(x.expandDims(1), lstm))).toBeCloseTo(0.8);
    const constrained = await trained({
      kernelConstraint: tf.constraints.maxNorm({ maxValue: 0.5 }),
    });
    expect(constrained).toBeCloseTo(0.5, 3);
  });
});

describe('summaries', () => {
  it('are logged to the right run at the right global step', async () => {
    const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
      const line = layers.dense(features.x, { units: 1 });
      summary.scalar('mean', features.x.mean());
      summary.histogram('line', line);
      summary.text('note', 'hello');
      summary.image('picture', features.x.reshape([1, -1, 1, 1]));
      const loss = tf.losses.meanSquaredError(features.y, line);
      return [
        new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }),
        new EvaluationSpec({ loss, metrics: {} }),
        null,
      ] as const;
    };
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn }, ports);
    await estimator.setup({ ...lineInputs, summarySteps: 2 });
    await estimator.train().validate();
    const { train, validation } = ports.sinks;
    expect(train.points.filter(({ tag }) => tag === 'mean').map(({ step }) => step)).toEqual([
      1, 3, 5,
    ]);
    expect(train.others.map(({ kind, step }) => `${kind}@${step}`)).toContain('histogram@3');
    const mean = linePoints(20).x.data.reduce((a, b) => a + b) / 20;
    expect(validation.points.find(({ tag }) => tag === 'mean')).toEqual({
      tag: 'mean',
      step: 5,
      value: expect.closeTo(mean, 5),
    });
    expect(validation.others.map(({ kind, step }) => `${kind}@${step}`)).toEqual([
      'histogram@5',
      'text@5',
      'images@5',
    ]);
  });
});
