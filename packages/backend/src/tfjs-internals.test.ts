import * as tf from '@tensorflow/tfjs';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { expect, it } from 'vitest';
import { assertWasmInternals, describeNodeBackend, elements } from './tfjs-internals';

it('assertWasmInternals accepts the installed version, and names the methods that another lacks', () => {
  expect(() => assertWasmInternals(BackendWasm.prototype, '4.22.0')).not.toThrow();
  const incompatible = Object.create(BackendWasm.prototype, {
    makeOutput: { value: undefined },
    incRef: { value: undefined },
  });
  expect(() => assertWasmInternals(incompatible, '5.0.0')).toThrow(
    'registerWasmTrainingKernels(): expected @tensorflow/tfjs-backend-wasm 4.22 or compatible, got 5.0.0, which lacks the methods incRef, makeOutput of BackendWasm. Install @tensorflow/tfjs-backend-wasm@4.22.',
  );
});

it('elements rejects a tensor that is not float32', async () => {
  await tf.setBackend('wasm');
  const backend = tf.backend() as BackendWasm;
  const integers = tf.tensor1d([1, 2], 'int32');
  expect(() => elements(backend, integers)).toThrow(
    'tensor of shape [2]: expected dtype float32, got int32. Cast it first.',
  );
  integers.dispose();
});

it('describeNodeBackend rejects another backend', async () => {
  await tf.setBackend('cpu');
  expect(() => describeNodeBackend()).toThrow('expects tfjs-node 4.22');
});
