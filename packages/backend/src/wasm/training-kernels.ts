import { avgPool3DGrad } from './kernels/avg-pool-3d-grad';
import { avgPoolGrad } from './kernels/avg-pool-grad';
import { batchMatMul } from './kernels/batch-mat-mul';
import { cast } from './kernels/cast';
import { conv2D, depthwiseConv2D, fusedConv2D, fusedDepthwiseConv2D } from './kernels/conv2d';
import { conv2DBackpropFilter } from './kernels/conv2d-backprop-filter';
import { conv2DBackpropInput } from './kernels/conv2d-backprop-input';
import { conv3DBackpropFilter, conv3DBackpropInput } from './kernels/conv3d-backprop';
import { depthwiseConv2dBackpropFilter } from './kernels/depthwise-conv2d-backprop-filter';
import { depthwiseConv2dBackpropInput } from './kernels/depthwise-conv2d-backprop-input';
import { einsum } from './kernels/einsum';
import { fusedMatMul } from './kernels/fused-mat-mul';
import { identity } from './kernels/identity';
import { maxPool3D } from './kernels/max-pool-3d';
import { maxPool3DGrad } from './kernels/max-pool-3d-grad';
import { maxPoolGrad } from './kernels/max-pool-grad';
import { avgPool, maxPool } from './kernels/pool';
import { resizeNearestNeighborGrad } from './kernels/resize-nearest-neighbor-grad';
import { unsortedSegmentSum } from './kernels/unsorted-segment-sum';
import type { TrainingKernel } from './training-kernel';

/** Every kernel that this package gives to the wasm backend. */
export const trainingKernels: readonly TrainingKernel[] = [
  // Missing in wasm.
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
  // Right where stock is wrong, or refuses.
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
