import * as tf from '@tensorflow/tfjs';
import { BackendWasm, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { registerTrainingGradients } from '../gradients/training-gradients';
import { assertWasmInternals } from '../tfjs-internals';
import type { TrainingKernel } from './define-kernel';
import { conv2D, depthwiseConv2D, fusedConv2D, fusedDepthwiseConv2D } from './kernels/conv2d';
import { conv2DBackpropFilter, conv2DBackpropInput } from './kernels/conv2d-gradients';
import { conv3DBackpropFilter, conv3DBackpropInput } from './kernels/conv3d-gradients';
import {
  depthwiseConv2dBackpropFilter,
  depthwiseConv2dBackpropInput,
} from './kernels/depthwise-gradients';
import { einsum } from './kernels/einsum';
import { cast, identity } from './kernels/identity-cast';
import { batchMatMul, fusedMatMul } from './kernels/mat-mul';
import { avgPool, maxPool, maxPool3D } from './kernels/pooling';
import {
  avgPool3DGrad,
  avgPoolGrad,
  maxPool3DGrad,
  maxPoolGrad,
} from './kernels/pooling-gradients';
import { resizeNearestNeighborGrad, unsortedSegmentSum } from './kernels/scatter-add';

/** Every kernel that this package registers for the wasm backend. */
export const trainingKernels: readonly TrainingKernel[] = [
  // Missing in stock.
  conv2DBackpropFilter,
  depthwiseConv2dBackpropFilter,
  depthwiseConv2dBackpropInput,
  einsum,
  unsortedSegmentSum,
  // Faster than stock.
  batchMatMul,
  conv2DBackpropInput,
  identity,
  maxPoolGrad,
  // Stock returns wrong numbers, or throws.
  avgPool,
  avgPool3DGrad,
  avgPoolGrad,
  cast,
  conv2D,
  conv3DBackpropFilter,
  conv3DBackpropInput,
  depthwiseConv2D,
  fusedConv2D,
  fusedDepthwiseConv2D,
  fusedMatMul,
  maxPool,
  maxPool3D,
  maxPool3DGrad,
  resizeNearestNeighborGrad,
];

const backendName = 'wasm';

let registered = false;

/**
 * Makes tfjs's wasm backend able to train: registers kernels and gradients that it lacks, faster
 * ones, and ones that correct wrong results. May be called before or after the backend starts.
 * Repeated calls have no effect.
 *
 * ```ts
 * registerWasmTrainingKernels();
 * await tf.setBackend('wasm');
 * ```
 *
 * @throws Error if the installed version of `@tensorflow/tfjs-backend-wasm` is incompatible.
 */
export const registerWasmTrainingKernels = (): void => {
  if (registered) return;
  assertWasmInternals(BackendWasm.prototype, version_wasm);
  registered = true;
  registerTrainingGradients();
  for (const { kernelName, create } of trainingKernels) {
    const stock = tf.getKernel(kernelName, backendName);
    if (stock) tf.unregisterKernel(kernelName, backendName);
    // Keep the stock setupFunc: the stock kernel may still be called, and the backend may not have
    // started yet.
    tf.registerKernel({ ...stock, kernelName, backendName, kernelFunc: create(stock?.kernelFunc) });
  }
};
