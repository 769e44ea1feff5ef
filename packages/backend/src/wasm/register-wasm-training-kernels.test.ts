import * as tf from '@tensorflow/tfjs';
import { expect, it, vi } from 'vitest';
import { registerWasmTrainingKernels } from '.';
import { trainingKernels } from './training-kernels';

it('may come before the backend starts, and twice, and says nothing', async () => {
  const warn = vi.spyOn(console, 'warn');
  registerWasmTrainingKernels();
  const first = trainingKernels.map(({ kernelName }) => tf.getKernel(kernelName, 'wasm'));
  registerWasmTrainingKernels();
  expect(trainingKernels.map(({ kernelName }) => tf.getKernel(kernelName, 'wasm'))).toEqual(first);
  expect(warn).not.toHaveBeenCalled();
  await tf.setBackend('wasm');
  // Stock functions that ours call need the set-up that the backend does when it starts.
  const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]));
  expect([...product.dataSync()]).toEqual([3, 3, 3, 3]);
});

it('leaves no kernel out that a gradient of tfjs names', () => {
  const missing = Object.entries(tf)
    .filter(([name, value]) => name === value && tf.getKernel(name, 'cpu') !== undefined)
    .map(([name]) => name)
    .filter((name) => tf.getKernel(name, 'wasm') === undefined);
  // What is left has to do with complex numbers, ragged tensors, strings and pictures.
  expect(missing.toSorted()).toEqual([
    'Complex',
    'ComplexAbs',
    'Draw',
    'FFT',
    'IFFT',
    'Imag',
    'RaggedGather',
    'RaggedRange',
    'RaggedTensorToTensor',
    'Real',
    'StaticRegexReplace',
  ]);
});
