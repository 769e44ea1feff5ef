// Checkpoints that are saved by a trigger, or in the background.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Estimator, getVariable, type SaveTrigger, TrainSpec } from '../src';
import { createLineEstimator, lineInputs } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

describe('automatic saves', () => {
  const everySteps = (n: number): SaveTrigger => ({
    shouldSave: ({ globalStep }) => globalStep % n === 0,
  });

  it('ask the trigger after each step and each validation', async () => {
    const moments: string[] = [];
    const saveWhen: SaveTrigger = {
      shouldSave: ({ globalStep, metrics, saved, now, startedAt }) => {
        moments.push(`${globalStep}${metrics ? ' validated' : ''} after ${saved.length}`);
        expect(now).toBeGreaterThanOrEqual(startedAt);
        return metrics !== undefined || globalStep === 2;
      },
    };
    const { estimator, ports } = createLineEstimator();
    await estimator.setup({ ...lineInputs, saveWhen });
    await estimator.train().validate();
    expect(moments).toEqual([
      '1 after 0',
      '2 after 0',
      '3 after 1',
      '4 after 1',
      '5 after 1',
      '5 validated after 1',
    ]);
    expect([...ports.store.snapshots.keys()]).toEqual([2, 5]);
    expect(ports.store.snapshots.get(5)?.metrics).toHaveProperty('loss');
  });

  it('in the background write the values of the moment of the save', async () => {
    const ports = new MemoryPorts();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const save = ports.store.save.bind(ports.store);
    ports.store.save = async (snapshot) => {
      await held;
      return save(snapshot);
    };
    const { estimator } = createLineEstimator({}, ports);
    await estimator.setup({ ...lineInputs, saveInBackground: true });
    const before = await estimator.predict({ x: [[1]] });
    expect(await estimator.saveCkpt()).toBe('model_iter-0');
    expect(ports.store.snapshots.size).toBe(0);
    setTimeout(release, 20);
    await estimator.train();
    expect(await estimator.predict({ x: [[1]] })).not.toEqual(before);
    await estimator.restoreCkpt('model_iter-0');
    expect(await estimator.predict({ x: [[1]] })).toEqual(before);
    await estimator.close();
  });

  it('in the background do not delay training and validation; restores wait for them', async () => {
    const ports = new MemoryPorts();
    const save = ports.store.save.bind(ports.store);
    let isSlow = false;
    ports.store.save = async (snapshot) => {
      if (isSlow) await new Promise((resolve) => setTimeout(resolve, 200));
      return save(snapshot);
    };
    const { estimator } = createLineEstimator({}, ports);
    await estimator.setup({ ...lineInputs, saveInBackground: true });
    await estimator.train().saveCkpt();
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(5);
    isSlow = true;
    await estimator.train().saveCkpt();
    await estimator.validate();
    await estimator.train();
    expect(ports.store.snapshots.size).toBe(1);
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(10);
    expect(ports.store.snapshots.get(10)?.metrics).toHaveProperty('loss');
    await estimator.train().saveCkpt();
    await estimator.setup(lineInputs);
    expect([...estimator.checkpoints.keys()]).toEqual([5, 10, 15]);
    await estimator.close();
  });

  it('write values and step of the same moment, even if an input function saves', async () => {
    const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
      const count = getVariable('count', { shape: [], initializer: () => tf.scalar(0) });
      // With a learning rate of 1 the variable grows by 1 in each step.
      const loss = count.neg().add(features.x.mean().mul(0)) as tf.Scalar;
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(1) }), null, null] as const;
    };
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn }, ports);
    const saves: Promise<string>[] = [];
    const trainInputFn = async function* () {
      for (let i = 0; i < 40; i++) {
        if (i % 10 === 9) saves.push(estimator.saveCkpt());
        yield { x: tf.ones([1, 1]), y: tf.ones([1, 1]) };
      }
    };
    await estimator.setup({ trainInputFn });
    await estimator.train();
    await Promise.all(saves);
    for (const [step, { tensors }] of ports.store.snapshots) {
      expect(tensors.find(({ name }) => name === 'count')?.data[0]).toBe(step);
    }
    expect(ports.store.snapshots.size).toBeGreaterThan(1);
  });

  it('continue after an earlier checkpoint was restored', async () => {
    const saveWhen: SaveTrigger = {
      shouldSave: ({ globalStep, saved }) => globalStep - (saved.at(-1)?.globalStep ?? 0) >= 5,
    };
    const { estimator, ports } = createLineEstimator();
    ports.store.now = Date.now;
    await estimator.setup({ ...lineInputs, saveWhen });
    for (let round = 0; round < 3; round++) await estimator.train();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await estimator.restoreCkpt('model_iter-5');
    const times = () => [10, 15].map((step) => ports.store.snapshots.get(step)?.savedAt ?? 0);
    const before = times();
    await estimator.train();
    await estimator.train();
    times().forEach((time, index) => {
      expect(time).toBeGreaterThan(before[index] ?? 0);
    });
  });

  it('in the background report a failure at the next call', async () => {
    const ports = new MemoryPorts();
    const { estimator } = createLineEstimator({}, ports);
    await estimator.setup({ ...lineInputs, saveInBackground: true, saveWhen: everySteps(5) });
    const save = ports.store.save.bind(ports.store);
    ports.store.save = () => Promise.reject(new Error('disk is full'));
    await estimator.train();
    await expect(estimator.saveCkpt()).rejects.toThrow('disk is full');
    ports.store.save = save;
    await estimator.saveCkpt();
    await estimator.close();
    expect([...ports.store.snapshots.keys()]).toEqual([5]);
  });
});
