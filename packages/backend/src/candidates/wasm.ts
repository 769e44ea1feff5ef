import { activateBackend } from '../tfjs-internals';
import type { Candidate } from './candidate';

const errorEvents = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Runs a task, then removes the process listeners for uncaught errors that it added.
 *
 * Emscripten's glue code of the WebAssembly backend adds listeners that rethrow. Node then prints
 * the entire minified module before the error of the user's program.
 */
export const withoutErrorListeners = async <T>(task: () => Promise<T>): Promise<T> => {
  const previous = errorEvents.map((event) => new Set<unknown>(process.rawListeners(event)));
  try {
    return await task();
  } finally {
    errorEvents.forEach((event, index) => {
      for (const listener of process.rawListeners(event)) {
        if (previous[index]?.has(listener)) continue;
        process.off(event, listener as () => void);
      }
    });
  }
};

/**
 * tfjs's WebAssembly backend, with the kernels that it lacks for training. Single-threaded in Node.
 */
export const wasm: Candidate = {
  name: 'wasm',
  tfBackend: 'wasm',
  canUseGpu: false,
  supports: (path, { threads }) =>
    path === 'deterministic' || (path === 'threads' && threads === 1),
  start: async () => {
    // Imported on use: the module is large, and a process that runs on TensorFlow doesn't need it.
    const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    const { registerWasmTrainingKernels } = await import('../wasm');
    await withoutErrorListeners(() => activateBackend('wasm'));
    registerWasmTrainingKernels();
    return { version: version_wasm, gpu: false };
  },
};
