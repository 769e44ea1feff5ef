import * as tf from '@tensorflow/tfjs';
import { expect, it, vi } from 'vitest';
import { registerWasmTrainingKernels } from '.';
import { dtypeRules } from './guards/dtype-rules';
import { trainingKernels } from './training-kernels';

it('can be called before the backend starts, and twice, and prints nothing', async () => {
  const warn = vi.spyOn(console, 'warn');
  registerWasmTrainingKernels();
  const first = trainingKernels.map(({ kernelName }) => tf.getKernel(kernelName, 'wasm'));
  registerWasmTrainingKernels();
  expect(trainingKernels.map(({ kernelName }) => tf.getKernel(kernelName, 'wasm'))).toEqual(first);
  expect(warn).not.toHaveBeenCalled();
  await tf.setBackend('wasm');
  // Stock kernels that ours call need their setupFunc, which runs when the backend starts.
  const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]));
  expect([...product.dataSync()]).toEqual([3, 3, 3, 3]);
});

it('leaves no kernel missing but drawing, which needs a browser', () => {
  const missing = Object.entries(tf)
    .filter(([name, value]) => name === value && tf.getKernel(name, 'cpu') !== undefined)
    .map(([name]) => name)
    .filter((name) => tf.getKernel(name, 'wasm') === undefined);
  expect(missing).toEqual(['Draw']);
});

it('has a rule for the dtypes of every kernel', () => {
  const names = tf.getKernelsForBackend('wasm').map(({ kernelName }) => kernelName);
  expect(names.filter((name) => dtypeRules[name] === undefined)).toEqual([]);
});
