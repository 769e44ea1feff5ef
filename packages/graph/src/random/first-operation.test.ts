import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { randomTensor } from './random-tensor';

// The only test of this file, since a process has one first operation.
it('randomTensor may be the first operation of a process', () => {
  expect(tf.getBackend()).toBeFalsy();
  const noise = randomTensor({ distribution: 'normal', shape: [32, 8], seed: 42, index: 0 });
  expect(noise.shape).toEqual([32, 8]);
  expect(tf.getBackend()).toBe('cpu');
});
