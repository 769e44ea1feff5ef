import * as tf from '@tensorflow/tfjs';
import { withoutErrorListeners } from '../process-listeners';
import type { Candidate } from './candidate';

/** tfjs's WebAssembly backend, with the kernels that it lacks for training. One thread in Node. */
export const wasm: Candidate = {
  name: 'wasm',
  tfBackend: 'wasm',
  mayUseGpu: false,
  honours: (path, { threads }) => path === 'deterministic' || (path === 'threads' && threads === 1),
  start: async () => {
    // Only now: it is large, and a process that runs on TensorFlow does not need it.
    const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    const { registerWasmTrainingKernels } = await import('../wasm');
    const started = await withoutErrorListeners(() => tf.setBackend('wasm'));
    if (!started) throw new Error('its WebAssembly module did not start');
    registerWasmTrainingKernels();
    return { version: version_wasm, gpu: false };
  },
};
