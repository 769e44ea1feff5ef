import * as tf from '@tensorflow/tfjs';
import { runKernel } from '../../tfjs-internals';
import { numberAsPadding, type Shape4D } from '../conv2d-geometry';
import { improvedKernel, newKernel, type TrainingKernel } from '../define-kernel';

type PoolAttributes = tf.MaxPoolAttrs & tf.AvgPoolAttrs;

/** A stock pooling with correct results for a number as padding. */
const correctedPooling = (kernelName: string): TrainingKernel =>
  improvedKernel<{ readonly x: tf.Tensor4D }, PoolAttributes>(
    kernelName,
    (stock) => (call) =>
      stock({ ...call, attrs: { ...call.attrs, pad: numberAsPadding(call.attrs.pad) } }),
  );

/** AvgPool, channels last. */
export const avgPool = correctedPooling(tf.AvgPool);

/** MaxPool, channels last. */
export const maxPool = correctedPooling(tf.MaxPool);

interface Axis {
  /** Padding before the first element. */
  readonly before: number;
  readonly size: number;
  readonly windows: number;
  readonly window: number;
  readonly stride: number;
}

const paddingOf = ({ before, size, windows, window, stride }: Axis): [number, number] => [
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
      pad: [[0, 0], paddingOf(first), paddingOf(second), [0, 0]],
    },
  );

/**
 * MaxPool3D: pools height and width, then depth. Stock starts each maximum at the smallest positive
 * number, so it never returns a negative one.
 *
 * Input: x [batch, depth, height, width, channels], float32.
 */
export const maxPool3D = newKernel<{ readonly x: tf.Tensor5D }, tf.MaxPool3DAttrs>(
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
      const pooledPlanes = pool(
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
      const pooledDepth = pool(
        tf.reshape(pooledPlanes, columns),
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
      return tf.reshape(pooledDepth, outShape);
    }),
);
