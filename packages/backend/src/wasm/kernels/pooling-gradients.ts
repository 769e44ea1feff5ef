import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  correctPaddedAverage3D,
  type PoolGeometry2D,
  type PoolGeometry3D,
} from '../../gradients/average-pooling';
import { elements, uninitialized } from '../../tfjs-internals';
import { assertGradientShape } from '../assert-gradient-shape';
import { numberAsPadding, type Shape4D } from '../conv2d-geometry';
import { improvedKernel, newKernel } from '../define-kernel';

interface Inputs<T extends tf.Tensor> {
  readonly dy: T;
  readonly input: T;
}

const geometry2D = (input: tf.Tensor4D, attrs: tf.MaxPoolGradAttrs): PoolGeometry2D =>
  tf.backend_util.computePool2DInfo(
    input.shape as Shape4D,
    attrs.filterSize,
    attrs.strides,
    1,
    numberAsPadding(attrs.pad),
    attrs.dimRoundingMode,
  );

const geometry3D = (input: tf.Tensor5D, attrs: tf.MaxPool3DGradAttrs): PoolGeometry3D =>
  tf.backend_util.computePool3DInfo(
    input.shape,
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );

const createGradient = (
  backend: BackendWasm,
  input: tf.Tensor,
  fill: (dx: Float32Array) => void,
): tf.Tensor => {
  const output = uninitialized(backend, input.shape);
  fill(elements(backend, output).fill(0));
  return output;
};

/** The first and last (exclusive) index of a window along an axis, without padding. */
const clipWindow = (start: number, window: number, size: number): [number, number] => [
  Math.max(start, 0),
  Math.min(start + window, size),
];

/** Adds an equal share of each window's gradient to its elements that are not padding. */
const spreadEvenly = (dy: Float32Array, dx: Float32Array, geometry: PoolGeometry2D): void => {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = geometry;
  const { strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth, padInfo } =
    geometry;
  let out = 0;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let row = 0; row < outHeight; row++) {
      const start = row * strideHeight - padInfo.top;
      const [top, bottom] = clipWindow(start, effectiveFilterHeight, inHeight);
      for (let column = 0; column < outWidth; column++, out += inChannels) {
        const side = column * strideWidth - padInfo.left;
        const [left, right] = clipWindow(side, effectiveFilterWidth, inWidth);
        const share = 1 / ((bottom - top) * (right - left));
        for (let y = top; y < bottom; y++) {
          let index = ((batch * inHeight + y) * inWidth + left) * inChannels;
          for (let x = left; x < right; x++) {
            for (let channel = 0; channel < inChannels; channel++, index++) {
              dx[index] = (dx[index] as number) + (dy[out + channel] as number) * share;
            }
          }
        }
      }
    }
  }
};

/** Adds each window's gradient to the first of its maxima, like TensorFlow. */
const spreadToMaximum2D = (
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  geometry: PoolGeometry2D,
): void => {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = geometry;
  const { strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth, padInfo } =
    geometry;
  let out = 0;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let row = 0; row < outHeight; row++) {
      const start = row * strideHeight - padInfo.top;
      const [top, bottom] = clipWindow(start, effectiveFilterHeight, inHeight);
      for (let column = 0; column < outWidth; column++) {
        const side = column * strideWidth - padInfo.left;
        const [left, right] = clipWindow(side, effectiveFilterWidth, inWidth);
        for (let channel = 0; channel < inChannels; channel++, out++) {
          let maximum = Number.NEGATIVE_INFINITY;
          let maximumIndex = -1;
          for (let y = top; y < bottom; y++) {
            let index = ((batch * inHeight + y) * inWidth + left) * inChannels + channel;
            for (let offset = left; offset < right; offset++, index += inChannels) {
              const value = x[index] as number;
              if (value > maximum) {
                maximum = value;
                maximumIndex = index;
              }
            }
          }
          if (maximumIndex >= 0) {
            dx[maximumIndex] = (dx[maximumIndex] as number) + (dy[out] as number);
          }
        }
      }
    }
  }
};

/** {@link spreadToMaximum2D} for volumes. */
const spreadToMaximum3D = (
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  geometry: PoolGeometry3D,
): void => {
  const { batchSize, inDepth, inHeight, inWidth, inChannels, padInfo } = geometry;
  const { outDepth, outHeight, outWidth, strideDepth, strideHeight, strideWidth } = geometry;
  const { effectiveFilterDepth, effectiveFilterHeight, effectiveFilterWidth } = geometry;
  // If the stride is larger than the window, tfjs computes negative padding, where TensorFlow has
  // none.
  const [padFront, padTop, padLeft] = [padInfo.front, padInfo.top, padInfo.left].map((padding) =>
    Math.max(padding, 0),
  ) as [number, number, number];
  let out = 0;
  const spreadWindow = (batch: number, depth: number, row: number, column: number): void => {
    const [front, back] = clipWindow(depth * strideDepth - padFront, effectiveFilterDepth, inDepth);
    const [top, bottom] = clipWindow(row * strideHeight - padTop, effectiveFilterHeight, inHeight);
    const [left, right] = clipWindow(column * strideWidth - padLeft, effectiveFilterWidth, inWidth);
    for (let channel = 0; channel < inChannels; channel++, out++) {
      let maximum = Number.NEGATIVE_INFINITY;
      let maximumIndex = -1;
      for (let z = front; z < back; z++) {
        for (let y = top; y < bottom; y++) {
          let index =
            (((batch * inDepth + z) * inHeight + y) * inWidth + left) * inChannels + channel;
          for (let offset = left; offset < right; offset++, index += inChannels) {
            const value = x[index] as number;
            if (value > maximum) {
              maximum = value;
              maximumIndex = index;
            }
          }
        }
      }
      if (maximumIndex >= 0) {
        dx[maximumIndex] = (dx[maximumIndex] as number) + (dy[out] as number);
      }
    }
  };
  for (let batch = 0; batch < batchSize; batch++) {
    for (let depth = 0; depth < outDepth; depth++) {
      for (let row = 0; row < outHeight; row++) {
        for (let column = 0; column < outWidth; column++) spreadWindow(batch, depth, row, column);
      }
    }
  }
};

/**
 * AvgPoolGrad. Stock divides by the full window size at padded borders, on wasm and on cpu. The
 * forward kernel, like TensorFlow's, averages only over elements that are not padding.
 *
 * Inputs: dy [batch, outHeight, outWidth, channels] and input [batch, height, width, channels];
 * float32. Output: the shape of input.
 */
export const avgPoolGrad = newKernel<Inputs<tf.Tensor4D>, tf.AvgPoolGradAttrs>(
  tf.AvgPoolGrad,
  ({ inputs: { dy, input }, attrs, backend }) => {
    const geometry = geometry2D(input, attrs);
    assertGradientShape(tf.AvgPoolGrad, dy, geometry.outShape);
    return createGradient(backend, input, (dx) =>
      spreadEvenly(elements(backend, dy), dx, geometry),
    );
  },
);

/**
 * AvgPool3DGrad. Stock divides by the full window size at padded borders.
 *
 * Inputs: dy [batch, outDepth, outHeight, outWidth, channels] and input [batch, depth, height,
 * width, channels]; float32. Output: the shape of input.
 */
export const avgPool3DGrad = improvedKernel<Inputs<tf.Tensor5D>, tf.AvgPool3DGradAttrs>(
  tf.AvgPool3DGrad,
  (stock) => (call) => {
    const { input, dy } = call.inputs;
    const geometry = geometry3D(input, call.attrs);
    assertGradientShape(tf.AvgPool3DGrad, dy, geometry.outShape);
    const scaled = correctPaddedAverage3D(dy, geometry);
    try {
      return stock({ ...call, inputs: { input, dy: scaled } });
    } finally {
      scaled.dispose();
    }
  },
);

/**
 * MaxPoolGrad, in one pass over the output. Stock searches each window once per input element,
 * which is ten times slower.
 *
 * Inputs: dy [batch, outHeight, outWidth, channels] and input [batch, height, width, channels];
 * float32. Output: the shape of input.
 */
export const maxPoolGrad = newKernel<Inputs<tf.Tensor4D>, tf.MaxPoolGradAttrs>(
  tf.MaxPoolGrad,
  ({ inputs: { dy, input }, attrs, backend }) => {
    const geometry = geometry2D(input, attrs);
    assertGradientShape(tf.MaxPoolGrad, dy, geometry.outShape);
    return createGradient(backend, input, (dx) =>
      spreadToMaximum2D(elements(backend, input), elements(backend, dy), dx, geometry),
    );
  },
);

/**
 * MaxPool3DGrad. Stock starts each maximum at the smallest positive number, so it assigns the
 * gradient of a window without positive elements to a wrong one.
 *
 * Inputs: dy [batch, outDepth, outHeight, outWidth, channels] and input [batch, depth, height,
 * width, channels]; float32. Output: the shape of input.
 */
export const maxPool3DGrad = newKernel<Inputs<tf.Tensor5D>, tf.MaxPool3DGradAttrs>(
  tf.MaxPool3DGrad,
  ({ inputs: { dy, input }, attrs, backend }) => {
    const geometry = geometry3D(input, attrs);
    assertGradientShape(tf.MaxPool3DGrad, dy, geometry.outShape);
    return createGradient(backend, input, (dx) =>
      spreadToMaximum3D(elements(backend, input), elements(backend, dy), dx, geometry),
    );
  },
);
