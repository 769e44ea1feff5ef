// Operations whose stock wasm kernels leave results unset, or hide NaN.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runOn, startWasm } from './support/wasm';

beforeAll(startWasm);

const image = (): tf.Tensor4D => tf.range(1, 19).reshape([1, 3, 3, 2]);
const withNaN = (): tf.Tensor4D => tf.tensor4d([Number.NaN, 1, 2, 3, 4, 5, 6, 7, 8], [1, 3, 3, 1]);

/** Exactly, since the values include NaN and infinities. */
const expectAsOnCpu = async (run: () => tf.Tensor): Promise<void> => {
  expect(await runOn('wasm', run)).toEqual(await runOn('cpu', run));
};

describe('padding as large as the window', () => {
  it.each<[string, () => tf.Tensor]>([
    ['maxPool of 1 by 1, stride 2', () => tf.maxPool(image(), 1, 2, 1)],
    ['avgPool of 1 by 1, stride 2', () => tf.avgPool(image(), 1, 2, 1)],
    ['maxPool of 1 by 1', () => tf.maxPool(image(), 1, 1, 1)],
    ['maxPool of 2 by 2', () => tf.maxPool(image(), 2, 1, 2)],
    ['avgPool of 2 by 2', () => tf.avgPool(image(), 2, 1, 2)],
    [
      'maxPool, at one side',
      () =>
        tf.maxPool(image(), 2, 1, [
          [0, 0],
          [0, 2],
          [0, 0],
          [0, 0],
        ]),
    ],
    ['avgPool, smaller', () => tf.avgPool(image(), 3, 2, 1)],
  ])('%s', (_, run) => expectAsOnCpu(run));
});

describe('NaN', () => {
  it.each<[string, () => tf.Tensor]>([
    ['clipByValue', () => tf.clipByValue(withNaN(), 2, 5)],
    ['clipByValue of infinities', () => tf.clipByValue([Infinity, -Infinity, 1], -2, 2)],
    ['avgPool', () => tf.avgPool(withNaN(), 2, 1, 'same')],
    ['maxPool', () => tf.maxPool(withNaN(), 2, 1, 'same')],
  ])('%s', (_, run) => expectAsOnCpu(run));
});

it('bincount counts all elements of a matrix', async () => {
  await tf.setBackend('wasm');
  const x: tf.Tensor = tf.tensor2d([1, 2, 3, 1], [2, 2], 'int32');
  const counts = tf.bincount(x as tf.Tensor1D, tf.tensor1d([]), 5);
  expect(counts.shape).toEqual([5]);
  expect([...counts.dataSync()]).toEqual([0, 2, 1, 1, 0]);
});
