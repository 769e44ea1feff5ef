// Values that users assign to variables.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { OptionError } from '../src';
import { createLineEstimator, lineInputs } from './line-model';

beforeAll(() => tf.setBackend('cpu'));

const name = 'dense/kernel';

const trained = async () => {
  const { estimator } = createLineEstimator();
  await estimator.setup(lineInputs);
  await estimator.train();
  const values = () => Array.from(estimator.session.variables.get(name)?.dataSync() ?? []);
  return { estimator, values };
};

describe('session.assign()', () => {
  it('assigns a variable to itself', async () => {
    const { estimator, values } = await trained();
    const before = values();
    const { numTensors } = tf.memory();
    estimator.session.assign(name, estimator.session.variables.get(name) ?? tf.scalar(0));
    expect(values()).toEqual(before);
    expect(tf.memory().numTensors).toBe(numTensors);
    await estimator.train();
    expect(values()).not.toEqual(before);
  });

  it('rejects a tensor that was disposed, and keeps the value', async () => {
    const { estimator, values } = await trained();
    const before = values();
    const value = tf.ones([1, 4]);
    value.dispose();
    expect(() => estimator.session.assign(name, value)).toThrow(OptionError);
    expect(() => estimator.session.assign(name, value)).toThrow(/a tensor that was disposed/);
    expect(values()).toEqual(before);
    await estimator.train();
  });
});

describe('assignVariables()', () => {
  it('copies the values at the call', async () => {
    const { estimator, values } = await trained();
    const data = Float32Array.of(1, 2, 3, 4);
    const assigning = estimator.assignVariables([{ name, dtype: 'float32', shape: [1, 4], data }]);
    data.fill(9);
    await assigning;
    data.fill(7);
    expect(values()).toEqual([1, 2, 3, 4]);
  });

  const four = new Float32Array(4);
  it.each([
    ['too few values', [{ data: four.subarray(1) }], /Float32Array of 4 values.*Float32Array of 3/],
    ['another class', [{ data: new Float64Array(4) }], /got Float64Array of 4 values/],
    ['an array', [{ data: [1, 2, 3, 4] }], /got Array of 4 values/],
    ['a name that occurs twice', [{ data: four }, { data: four }], /tensor 2.*names that differ/],
  ])('rejects %s, and assigns nothing', async (_, tensors, message) => {
    const { estimator, values } = await trained();
    const before = values();
    const bias = { name: 'dense/bias', dtype: 'float32', shape: [4], data: four };
    const wrong = tensors.map((tensor) => ({ name, dtype: 'float32', shape: [1, 4], ...tensor }));
    const untyped = estimator as unknown as { assignVariables(list: unknown): Promise<void> };
    const assigning = untyped.assignVariables([bias, ...wrong]);
    await expect(assigning).rejects.toThrow(OptionError);
    await expect(assigning).rejects.toThrow(message);
    expect(values()).toEqual(before);
  });
});
