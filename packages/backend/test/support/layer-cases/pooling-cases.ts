import * as tf from '@tensorflow/tfjs';
import { inOrder, type LayerCase, type LayerCases } from './layer-case';

const { layers } = tf;
type Layer = tf.layers.Layer;

/** Pooling after a convolution, so that its gradient is needed. */
const pooled = (rank: 1 | 2 | 3, make: () => Layer): LayerCase => {
  const convolution = { filters: 3, kernelSize: 2 };
  const before = {
    1: () => layers.conv1d(convolution),
    2: () => layers.conv2d(convolution),
    3: () => layers.conv3d(convolution),
  }[rank];
  return {
    input: { 1: [8, 3], 2: [7, 7, 2], 3: [5, 5, 5, 2] }[rank],
    apply: inOrder(() => [before(), make()]),
  };
};

export const poolingCases: LayerCases = {
  maxPooling1d: pooled(1, () => layers.maxPooling1d({})),
  maxPooling2d: pooled(2, () => layers.maxPooling2d({ poolSize: 3, strides: 2 })),
  maxPooling3d: pooled(3, () => layers.maxPooling3d({})),
  averagePooling1d: pooled(1, () => layers.averagePooling1d({})),
  averagePooling2d: pooled(2, () => layers.averagePooling2d({ poolSize: 2 })),
  averagePooling3d: pooled(3, () => layers.averagePooling3d({})),
  globalAveragePooling1d: pooled(1, () => layers.globalAveragePooling1d()),
  globalAveragePooling2d: pooled(2, () => layers.globalAveragePooling2d({})),
  globalMaxPooling1d: pooled(1, () => layers.globalMaxPooling1d()),
  globalMaxPooling2d: pooled(2, () => layers.globalMaxPooling2d({})),
};
