import { checkedFunction } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { BackendWasm, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { registerTrainingGradients } from '../gradients/training-gradients';
import { assertWasmInternals, correctWasmStorage } from '../tfjs-internals';
import type { TrainingKernel } from './define-kernel';
import { argumentChecks } from './guards/assert-arguments';
import { type DtypeRule, dtypeRules } from './guards/dtype-rules';
import { guardDtypes, type WasmKernel } from './guards/guard-dtypes';
import { conv2D, depthwiseConv2D, fusedConv2D, fusedDepthwiseConv2D } from './kernels/conv2d';
import { conv2DBackpropFilter, conv2DBackpropInput } from './kernels/conv2d-gradients';
import { conv3DBackpropFilter, conv3DBackpropInput } from './kernels/conv3d-gradients';
import { cpuOnlyKernels } from './kernels/cpu-only';
import {
  depthwiseConv2dBackpropFilter,
  depthwiseConv2dBackpropInput,
} from './kernels/depthwise-gradients';
import { einsum } from './kernels/einsum';
import { elementMoves } from './kernels/element-moves';
import { elementwiseCorrections } from './kernels/elementwise-corrections';
import { cast, identity } from './kernels/identity-cast';
import { divisions } from './kernels/integer-division';
import { batchMatMul, fusedMatMul } from './kernels/mat-mul';
import { avgPool, maxPool, maxPool3D } from './kernels/pooling';
import {
  avgPool3DGrad,
  avgPoolGrad,
  maxPool3DGrad,
  maxPoolGrad,
} from './kernels/pooling-gradients';
import { prelu } from './kernels/prelu';
import { reductions } from './kernels/reductions';
import { resizeNearestNeighborGrad, unsortedSegmentSum } from './kernels/scatter-add';

/** Every kernel that this package registers for the wasm backend. */
export const trainingKernels: readonly TrainingKernel[] = [
  // Missing in stock.
  conv2DBackpropFilter,
  depthwiseConv2dBackpropFilter,
  depthwiseConv2dBackpropInput,
  einsum,
  unsortedSegmentSum,
  ...cpuOnlyKernels,
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
  ...divisions,
  ...elementMoves,
  ...elementwiseCorrections,
  ...reductions,
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
  prelu,
  resizeNearestNeighborGrad,
];

const backendName = 'wasm';

/** Wraps a kernel so that it never gets dtypes or arguments that corrupt the module's memory. */
const guard = (kernelName: string, rule: DtypeRule, kernelFunc: tf.KernelFunc): tf.KernelFunc => {
  const kernel = kernelFunc as unknown as WasmKernel;
  const check = argumentChecks[kernelName];
  const checked: WasmKernel =
    check === undefined
      ? kernel
      : (call) => {
          check(call);
          return kernel(call);
        };
  return guardDtypes(kernelName, rule, checked) as unknown as tf.KernelFunc;
};

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
export const registerWasmTrainingKernels = checkedFunction(
  'registerWasmTrainingKernels()',
  {},
  (): void => {
    if (registered) return;
    assertWasmInternals(BackendWasm.prototype, version_wasm);
    registered = true;
    registerTrainingGradients();
    correctWasmStorage(BackendWasm.prototype);
    const create = new Map(trainingKernels.map((kernel) => [kernel.kernelName, kernel.create]));
    const stockNames = tf.getKernelsForBackend(backendName).map(({ kernelName }) => kernelName);
    for (const kernelName of new Set([...stockNames, ...create.keys()])) {
      const rule = dtypeRules[kernelName];
      if (rule === undefined) continue;
      const stock = tf.getKernel(kernelName, backendName);
      const kernelFunc = create.get(kernelName)?.(stock?.kernelFunc) ?? stock?.kernelFunc;
      if (kernelFunc === undefined) continue;
      if (stock) tf.unregisterKernel(kernelName, backendName);
      // Keep the stock setupFunc: the stock kernel may still be called, and the backend may not have
      // started yet.
      tf.registerKernel({
        ...stock,
        kernelName,
        backendName,
        kernelFunc: guard(kernelName, rule, kernelFunc),
      });
    }
  },
);
