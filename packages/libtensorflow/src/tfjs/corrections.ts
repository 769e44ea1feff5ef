import { dataTypes } from './binding-types';
import type { TensorHandles } from './tensor-handles';

/**
 * The operation to execute for the one that tfjs-node's kernels name. TensorFlow 2.21's `Round` returns zeros for
 * integers, which Python never sees because its `tf.round` returns them unchanged.
 */
export const correctedOperation = (
  name: string,
  tensors: TensorHandles,
  [input]: readonly number[],
): string => {
  if (name !== 'Round' || input === undefined) return name;
  const dtype = tensors.dtype(input);
  return dtype === dataTypes.TF_INT32 || dtype === dataTypes.TF_INT64 ? 'Identity' : name;
};

const convolutions = new Set(['Conv2D', 'Conv3D', 'DepthwiseConv2dNative']);

/**
 * True for a convolution of no examples, for which TensorFlow 2.21 returns the shape of the input instead of the
 * shape that follows from filter, strides and padding.
 */
export const isEmptyConvolution = (
  name: string,
  tensors: TensorHandles,
  [input]: readonly number[],
): boolean => convolutions.has(name) && input !== undefined && tensors.shape(input)[0] === 0;
