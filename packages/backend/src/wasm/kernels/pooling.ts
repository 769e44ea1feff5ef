import { hasNonFinite } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { runOnCpu } from '../../run-on-cpu';
import { asTensor, elements, runKernel, uninitialized } from '../../tfjs-internals';
import { numberAsPadding, type Shape4D } from '../conv2d-geometry';
import { improvedKernel, type KernelCall, newKernel } from '../define-kernel';

type PoolAttributes = tf.MaxPoolAttrs & tf.AvgPoolAttrs;

/** True if a window may lie within the padding. Stock leaves such windows, and all after them, unset. */
const mayMissInput = (
  { shape }: tf.Tensor4D,
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): boolean => {
  if (typeof pad === 'string') return false;
  const { padInfo, filterHeight, filterWidth } = tf.backend_util.computePool2DInfo(
    shape,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { top, bottom, left, right } = padInfo;
  return Math.max(top, bottom) >= filterHeight || Math.max(left, right) >= filterWidth;
};

const poolOnCpu = (
  kernelName: string,
  { backend, inputs, attrs }: KernelCall<{ readonly x: tf.Tensor4D }, PoolAttributes>,
): tf.TensorInfo | tf.TensorInfo[] =>
  runOnCpu(kernelName, backend, { x: inputs.x }, attrs as unknown as tf.NamedAttrMap);

/**
 * AvgPool, channels last. Stock is wrong for a number as padding, for windows within the padding, and
 * for NaN.
 */
export const avgPool = improvedKernel<{ readonly x: tf.Tensor4D }, PoolAttributes>(
  tf.AvgPool,
  (stock) => (call) => {
    const { inputs, attrs, backend } = call;
    if (mayMissInput(inputs.x, attrs) || hasNonFinite(elements(backend, inputs.x))) {
      return poolOnCpu(tf.AvgPool, call);
    }
    return stock({ ...call, attrs: { ...attrs, pad: numberAsPadding(attrs.pad) } });
  },
);

/**
 * MaxPool, channels last. Stock is wrong for padding like in AvgPool, and lets NaN hide the numbers that it
 * is compared with. Here NaN is skipped, like in TensorFlow; a window of nothing else is -Infinity.
 */
export const maxPool = improvedKernel<{ readonly x: tf.Tensor4D }, PoolAttributes>(
  tf.MaxPool,
  (stock) => (call) => {
    const { inputs, attrs, backend } = call;
    if (mayMissInput(inputs.x, attrs)) return poolOnCpu(tf.MaxPool, call);
    const corrected = { ...call, attrs: { ...attrs, pad: numberAsPadding(attrs.pad) } };
    const values = elements(backend, inputs.x);
    if (!hasNonFinite(values)) return stock(corrected);
    return tf.tidy(() => {
      const x = uninitialized(backend, inputs.x.shape) as tf.Tensor4D;
      elements(backend, x).set(
        elements(backend, inputs.x).map((value) =>
          Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value,
        ),
      );
      return asTensor(stock({ ...corrected, inputs: { x } }));
    });
  },
);

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
