// Tensors are freed after each call, after failures, and when the estimator is closed.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type AnyModelFn,
  Estimator,
  getVariable,
  layers,
  NotReadyError,
  TrainSpec,
  UnknownFeatureError,
  VariableMismatchError,
} from '../src';
import { createLineEstimator, lineInputs } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

describe('memory', () => {
  it('holds only the model and the optimizer after each call', async () => {
    const { estimator } = createLineEstimator({ optimizer: () => tf.train.adam(0.01), rate: 0.2 });
    const start = tf.memory().numTensors;
    await estimator.setup(lineInputs);
    await estimator.train();
    const tensorsBefore = tf.memory().numTensors;
    const stays = async (call: () => Promise<unknown>) => {
      await call();
      expect(tf.memory().numTensors).toBe(tensorsBefore);
    };
    await stays(() => estimator.train().validate());
    await stays(() => estimator.saveCkpt());
    await stays(() => estimator.evaluate({ inputFn: lineInputs.trainInputFn }));
    await stays(() => estimator.predict({ x: [[1]] }));
    await stays(async () => {
      for await (const _ of estimator.predict({ inputFn: lineInputs.trainInputFn })) break;
    });
    await stays(() => estimator.restoreLatestCkpt());
    await stays(() => estimator.setup(lineInputs));
    await estimator.close();
    expect(tf.memory().numTensors).toBe(start);
  });

  it('holds nothing more after a call that throws', async () => {
    const { estimator } = createLineEstimator({ optimizer: () => tf.train.adam(0.01) });
    await estimator.setup(lineInputs);
    await estimator.train();
    const tensorsBefore = tf.memory().numTensors;
    const changing = function* () {
      yield { x: tf.ones([2, 1]), y: tf.ones([2, 1]) };
      yield { x: tf.ones([2, 3]), y: tf.ones([2, 1]) };
    };
    await expect(estimator.evaluate({ inputFn: changing })).rejects.toThrow('feature "x"');
    await expect(estimator.predict({ z: [[1]] } as never)).rejects.toThrow(UnknownFeatureError);
    await expect(estimator.predict({ x: [1, 2] })).rejects.toThrow('feature "x"');
    await expect(estimator.restoreCkpt('model_iter-999')).rejects.toThrow('no checkpoint');
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    await estimator.setup({ trainInputFn: changing }).catch(() => {});
    const { globalStep } = estimator;
    await expect(estimator.train()).rejects.toThrow('feature "x"');
    expect(estimator.globalStep).toBe(globalStep + 1);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it.each<[string, (loss: tf.Scalar) => tf.Scalar]>([
    [
      'the loss function throws',
      () => {
        throw new Error('broken');
      },
    ],
    [
      'an operation has no gradient',
      (loss) => tf.denseBincount(tf.tensor1d([0], 'int32'), loss.as1D(), 1).asScalar(),
    ],
    ['the loss depends on no variable', () => tf.scalar(1).square()],
  ])('holds nothing more after a training step in which %s', async (_, breaking) => {
    let isBroken = false;
    const modelFn = (features: { x: tf.Tensor2D }) => {
      const loss = () => {
        const mean = layers.dense(features.x, { units: 2 }).square().mean() as tf.Scalar;
        return isBroken ? breaking(mean) : mean;
      };
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null] as const;
    };
    const estimator = new Estimator({ modelFn }, new MemoryPorts());
    await estimator.setup(lineInputs);
    await estimator.train();
    const tensorsBefore = tf.memory().numTensors;
    isBroken = true;
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(estimator.train()).rejects.toThrow();
      expect(tf.memory().numTensors).toBe(tensorsBefore);
    }
    isBroken = false;
    await estimator.train();
  });

  it('is freed when fromDisk() or opening the logs fails', async () => {
    const ports = new MemoryPorts();
    const first = createLineEstimator({}, ports);
    await first.estimator.setup(lineInputs);
    await first.estimator.saveCkpt();
    const before = tf.memory().numTensors;
    const modelFn = (features: { x: tf.Tensor2D }) => {
      const loss = layers.dense(features.x, { units: 9 }).mean();
      return [new TrainSpec({ loss, optimizer: () => tf.train.adam(0.1) }), null, null] as const;
    };
    const other = new Estimator({ modelFn }, new MemoryPorts(ports.store));
    await expect(other.recover()).rejects.toThrow(VariableMismatchError);
    const broken = new MemoryPorts();
    broken.summaries = () => {
      throw new Error('no disk');
    };
    const { estimator } = createLineEstimator({}, broken);
    await expect(estimator.setup(lineInputs)).rejects.toThrow('no disk');
    await expect(estimator.predict({ x: [[1]] })).rejects.toThrow(NotReadyError);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is freed when the first setup() fails', async () => {
    const before = tf.memory().numTensors;
    const modelFn = (features: { x: tf.Tensor2D }) => {
      layers.dense(features.x, { units: 3 });
      getVariable('free', { shape: [2] });
      throw new Error('broken');
    };
    const estimator = new Estimator({ modelFn: modelFn as AnyModelFn }, new MemoryPorts());
    await expect(estimator.setup(lineInputs)).rejects.toThrow('broken');
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('an optimizer that is passed as a value', () => {
  it('can be used by another estimator once the first is closed', async () => {
    const optimizer = tf.train.adam(0.05);
    const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
      const line = layers.dense(features.x, { units: 1 });
      const loss = () => tf.losses.meanSquaredError(features.y, line);
      return [new TrainSpec({ loss, optimizer }), null, null] as const;
    };
    const tensorsBefore = tf.memory().numTensors;
    for (let time = 0; time < 2; time++) {
      const estimator = new Estimator({ modelFn, seed: 1 }, new MemoryPorts());
      await estimator.setup(lineInputs);
      await estimator.train();
      await estimator.close();
      expect(tf.memory().numTensors).toBe(tensorsBefore);
    }
    optimizer.dispose();
  });
});

describe('a closed estimator', () => {
  it('is closed even if a sink fails, and rejects further calls', async () => {
    const ports = new MemoryPorts();
    const before = tf.memory().numTensors;
    const { estimator } = createLineEstimator({}, ports);
    await estimator.setup(lineInputs);
    ports.sinks.train.close = () => Promise.reject(new Error('disk is full'));
    await expect(estimator.close()).rejects.toThrow('disk is full');
    expect(tf.memory().numTensors).toBe(before);
    await expect(estimator.setup(lineInputs)).rejects.toThrow(/closed/);
  });
});

it('frees tensors that tfjs leaks: masks of recurrent dropout, scalars of the momentum optimizer', async () => {
  const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
    const sequence = features.x.reshape<tf.Tensor3D>([-1, 1, 1]);
    const state = layers.lstm(sequence, { units: 2, dropout: 0.2, recurrentDropout: 0.2 });
    const line = layers.dense(state, { units: 1 });
    const loss = tf.losses.meanSquaredError(features.y, line) as tf.Scalar;
    const optimizer = () => tf.train.momentum(0.1, 0.9);
    return [new TrainSpec({ loss, optimizer }), null, null] as const;
  };
  const { numTensors } = tf.memory();
  for (const execution of ['eager', 'graph'] as const) {
    const estimator = new Estimator({ modelFn, seed: 7, execution }, new MemoryPorts());
    await estimator.setup(lineInputs);
    await estimator.train().saveCkpt();
    await estimator.close();
    expect(tf.memory().numTensors).toBe(numTensors);
  }
});
