import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { registerTrainingGradients } from '../gradients';
import { trainingKernels } from './training-kernels';

const backendName = 'wasm';

let registered = false;

/**
 * Gives tfjs's wasm backend the kernels that training needs and it lacks, faster ones where stock
 * is slow, and right ones where stock is wrong. The backend need not be the current one, nor be
 * started. Calling it again does nothing.
 *
 * ```ts
 * await tf.setBackend('wasm');
 * registerWasmTrainingKernels();
 * ```
 */
export const registerWasmTrainingKernels = (): void => {
  if (registered) return;
  registered = true;
  registerTrainingGradients();
  for (const { kernelName, create } of trainingKernels) {
    const stock = tf.getKernel(kernelName, backendName);
    if (stock) tf.unregisterKernel(kernelName, backendName);
    // Stock's set-up stays: its function may still be called, and the backend may not have started.
    tf.registerKernel({ ...stock, kernelName, backendName, kernelFunc: create(stock?.kernelFunc) });
  }
};
