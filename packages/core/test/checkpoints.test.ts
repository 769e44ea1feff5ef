// Saving and restoring within a process.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Estimator,
  layers,
  ModelDirInUseError,
  OptionError,
  TrainSpec,
  VariableMismatchError,
} from '../src';
import { createLineEstimator, lineInputs } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

describe('checkpoints', () => {
  it('lock the directory before the first step, so that two processes never train in it', async () => {
    const { estimator, ports } = createLineEstimator();
    await estimator.setup(lineInputs);
    ports.store.taken = new Error('taken by process 7');
    await expect(estimator.train()).rejects.toThrow('taken by process 7');
    expect(estimator.globalStep).toBe(0);
    ports.store.taken = undefined;
    await estimator.train();
    expect(estimator.globalStep).toBe(5);
    await estimator.close();
  });

  it('reproduce exactly the metrics that were recorded with them', async () => {
    const { estimator } = createLineEstimator({ optimizer: () => tf.train.adam(0.05) });
    await estimator.setup(lineInputs);
    const recorded: Record<string, number>[] = [];
    for (let round = 0; round < 5; round++) {
      recorded.push(await estimator.train().validate());
      await estimator.saveCkpt();
    }
    const { validationInputFn: inputFn } = lineInputs;
    for (const [index, { file, metrics: saved }] of [...estimator.checkpoints.values()].entries()) {
      await estimator.restoreCkpt(file);
      expect(await estimator.evaluate({ inputFn })).toEqual(recorded[index]);
      expect(saved).toEqual(recorded[index]);
    }
    await estimator.restoreBestCkpt();
    const losses = recorded.map(({ loss }) => loss ?? 0);
    expect((await estimator.evaluate({ inputFn })).loss).toBe(Math.min(...losses));
    await estimator.restoreLatestCkpt();
    expect((await estimator.evaluate({ inputFn })).loss).toBe(losses.at(-1));
  });

  it('keep their metrics when restored by a relative prefix and saved again', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    await estimator.train().validate();
    await estimator.saveCkpt();
    const { metrics } = estimator.checkpoints.get(5) ?? {};
    await estimator.restoreCkpt('./some/where/model_iter-5').catch(() => {});
    await estimator.restoreCkpt('model_iter-5');
    await estimator.saveCkpt();
    expect(estimator.checkpoints.get(5)?.metrics).toEqual(metrics);
    estimator.session.assign('dense/bias', tf.ones([4]));
    await estimator.saveCkpt();
    expect(estimator.checkpoints.get(5)?.metrics).toBeUndefined();
    await expect(estimator.restoreCkpt(5 as never)).rejects.toThrow(OptionError);
  });

  it('receive the metrics of a validation that runs after the save', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    await estimator.train().saveCkpt();
    const result = await estimator.validate();
    expect(estimator.checkpoints.get(5)?.metrics).toEqual(result);
  });

  it('are rejected with the variable and both shapes if they do not fit, and change nothing', async () => {
    const modelFn = (units: number) => (features: { x: tf.Tensor2D }) => {
      const first = layers.dense(features.x, { units: 2 });
      const loss = layers.dense(first, { units, name: 'head' }).mean();
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null] as const;
    };
    const ports = new MemoryPorts();
    const small = new Estimator({ modelFn: modelFn(3) }, ports);
    await small.setup(lineInputs);
    await small.saveCkpt();
    const large = new Estimator({ modelFn: modelFn(4) }, new MemoryPorts(ports.store));
    await large.setup(lineInputs);
    const before = await large.session.variables.get('dense/kernel')?.data();
    const restoring = large.restoreLatestCkpt();
    await expect(restoring).rejects.toThrow(VariableMismatchError);
    await expect(restoring).rejects.toThrow(/"head\/kernel".*\[2,4\].*\[2,3\]/);
    expect(await large.session.variables.get('dense/kernel')?.data()).toEqual(before);
  });

  it('of an earlier run are protected from a new one until one is restored', async () => {
    const ports = new MemoryPorts();
    const first = createLineEstimator({}, ports);
    await first.estimator.setup(lineInputs);
    await first.estimator.train().saveCkpt();
    const second = createLineEstimator({}, new MemoryPorts(ports.store));
    await second.estimator.setup(lineInputs);
    await expect(second.estimator.train()).rejects.toThrow(ModelDirInUseError);
    await second.estimator.restoreLatestCkpt();
    await second.estimator.train();
    expect(second.estimator.globalStep).toBe(10);
    expect(second.ports.opened).toEqual(['train@5']);
  });
});

describe('restoring an earlier checkpoint', () => {
  it('restores the round too, so that the data has the same order again', async () => {
    const { estimator, ports } = createLineEstimator({ rate: 0.2 });
    await estimator.setup(lineInputs);
    await estimator.train().saveCkpt();
    await estimator.train();
    await estimator.train();
    await estimator.restoreCkpt('model_iter-5');
    await estimator.train();
    const losses = ports.losses;
    expect(losses.slice(15)).toEqual(losses.slice(5, 10));
  });
});

describe('a damaged checkpoint', () => {
  const trainThreeRounds = async () => {
    const ports = new MemoryPorts();
    const { estimator } = createLineEstimator({}, ports);
    await estimator.setup(lineInputs);
    for (let round = 0; round < 3; round++) await estimator.train().saveCkpt();
    return { estimator, ports };
  };

  it('is skipped with a message in favor of the newest intact one if fallback is set', async () => {
    const { estimator, ports } = await trainThreeRounds();
    ports.store.damaged.add(15);
    await expect(estimator.restoreLatestCkpt()).rejects.toThrow('model_iter-15 is damaged');
    expect(estimator.globalStep).toBe(15);
    await estimator.restoreLatestCkpt({ fallback: true });
    expect(estimator.globalStep).toBe(10);
    expect(ports.progress.log.at(-1)).toMatch(/Skipped the damaged checkpoint.*model_iter-15/);
  });

  it('is skipped by fromDisk()', async () => {
    const { ports } = await trainThreeRounds();
    ports.store.damaged.add(15).add(10);
    const { estimator, ports: secondPorts } = createLineEstimator({}, new MemoryPorts(ports.store));
    await estimator.recover();
    expect(estimator.globalStep).toBe(5);
    expect(secondPorts.progress.log.filter((line) => line.startsWith('Skipped'))).toHaveLength(2);
    ports.store.damaged.add(5);
    const third = createLineEstimator({}, new MemoryPorts(ports.store)).estimator;
    await expect(third.recover()).rejects.toThrow(/all are damaged/);
  });
});
