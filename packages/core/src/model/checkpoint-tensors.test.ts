import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { VariableMismatchError } from '../errors';
import type { CheckpointTensor } from '../ports';
import { assertFits, assignAll } from './checkpoint-tensors';

beforeAll(() => tf.setBackend('cpu'));

describe('int64 values of a checkpoint', () => {
  const variable = () => tf.variable(tf.tensor1d([0, 0], 'int32'));
  const saved = (...values: readonly bigint[]): CheckpointTensor => ({
    name: 'counts',
    dtype: 'int64',
    shape: [2],
    data: BigInt64Array.from(values),
  });

  it('become the int32 of a variable', () => {
    const counts = variable();
    const tensor = saved(-(2n ** 31n), 2n ** 31n - 1n);
    assertFits(tensor, counts);
    assignAll([[counts, tensor]]);
    expect([...counts.dataSync()]).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    counts.dispose();
  });

  it.each([2n ** 31n, -(2n ** 31n) - 1n, 2n ** 40n])('are refused beyond int32: %s', (value) => {
    const counts = variable();
    expect(() => assertFits(saved(1n, value), counts)).toThrow(VariableMismatchError);
    expect(() => assertFits(saved(1n, value), counts)).toThrow(`got ${value}`);
    counts.dispose();
  });
});
