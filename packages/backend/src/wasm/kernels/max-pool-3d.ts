import * as tf from '@tensorflow/tfjs';
import { runKernel, type Shape4D } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly x: tf.Tensor5D;
}

/** One dimension of a pooling: the padding before, and what the windows need after. */
interface Axis {
  readonly before: number;
  readonly size: number;
  readonly windows: number;
  readonly window: number;
  readonly stride: number;
}

const padding = ({ before, size, windows, window, stride }: Axis): [number, number] => [
  Math.max(before, 0),
  Math.max((windows - 1) * stride + window - size - Math.max(before, 0), 0),
];

/** Pools the two inner dimensions of [batch, first, second, channels]. */
const pool = (x: tf.Tensor4D, first: Axis, second: Axis): tf.Tensor4D =>
  runKernel(
    tf.MaxPool,
    { x },
    {
      filterSize: [first.window, second.window],
      strides: [first.stride, second.stride],
      pad: [[0, 0], padding(first), padding(second), [0, 0]],
    },
  );

/**
 * MaxPool3D: over height and width, then over depth. Stock starts each maximum at the smallest
 * positive number, so that it never gives a negative one.
 *
 * Input: x [batch, depth, height, width, channels], float32.
 */
export const maxPool3D = newKernel<Inputs, tf.MaxPool3DAttrs>(
  tf.MaxPool3D,
  ({ inputs: { x }, attrs: { filterSize, strides, pad, dimRoundingMode, dataFormat } }) =>
    tf.tidy(() => {
      const geometry = tf.backend_util.computePool3DInfo(
        x.shape,
        filterSize,
        strides,
        1,
        pad,
        dimRoundingMode,
        dataFormat,
      );
      const { batchSize, inDepth, inHeight, inWidth, inChannels } = geometry;
      const { outDepth, outHeight, outWidth, outShape, padInfo } = geometry;
      const planes: Shape4D = [batchSize * inDepth, inHeight, inWidth, inChannels];
      const flat = pool(
        tf.reshape(x, planes),
        {
          before: padInfo.top,
          size: inHeight,
          windows: outHeight,
          window: geometry.effectiveFilterHeight,
          stride: geometry.strideHeight,
        },
        {
          before: padInfo.left,
          size: inWidth,
          windows: outWidth,
          window: geometry.effectiveFilterWidth,
          stride: geometry.strideWidth,
        },
      );
      const columns: Shape4D = [batchSize, inDepth, outHeight * outWidth, inChannels];
      const deep = pool(
        tf.reshape(flat, columns),
        {
          before: padInfo.front,
          size: inDepth,
          windows: outDepth,
          window: geometry.effectiveFilterDepth,
          stride: geometry.strideDepth,
        },
        {
          before: 0,
          size: outHeight * outWidth,
          windows: outHeight * outWidth,
          window: 1,
          stride: 1,
        },
      );
      return tf.reshape(deep, outShape);
    }),
);
