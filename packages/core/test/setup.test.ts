// The order of what setup() does.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { Estimator, type SaveMoment } from '../src';
import { createLineEstimator, lineInputs } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

it('setup() without a model function and without a directory leaves no tensors behind', async () => {
  const estimator = new Estimator({ modelFn: null }, new MemoryPorts());
  const before = tf.memory().numTensors;
  const trainInputFn = function* () {
    yield { x: tf.ones([2, 1]) };
  };
  await expect(estimator.setup({ trainInputFn })).rejects.toThrow('fromDisk');
  expect(tf.memory().numTensors).toBe(before);
});

it('save triggers count the time from the end of setup()', async () => {
  let now = 0;
  const ports = Object.assign(new MemoryPorts(), { clock: () => now });
  const { estimator } = createLineEstimator({}, ports);
  const starts: number[] = [];
  await estimator.setup({
    trainInputFn: () => {
      now += 1000;
      return lineInputs.trainInputFn();
    },
    saveWhen: {
      shouldSave: ({ startedAt }: SaveMoment) => {
        starts.push(startedAt);
        return false;
      },
    },
  });
  await estimator.train({ maxSteps: 1 });
  expect(starts).toEqual([1000]);
  await estimator.close();
});
