import * as tf from '@tensorflow/tfjs';
import { elements, uninitialized } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly dy: tf.Tensor5D;
  readonly input: tf.Tensor5D;
}

type Geometry = ReturnType<typeof tf.backend_util.computePool3DInfo>;

/**
 * First and last place, exclusive, of a window inside the image. tfjs gives negative padding where
 * the stride is larger than the window; TensorFlow gives none.
 */
const inside = (start: number, padding: number, window: number, size: number): [number, number] => {
  const corner = start - Math.max(padding, 0);
  return [Math.max(corner, 0), Math.min(corner + window, size)];
};

/** Gives each window's gradient to the first of its largest elements, as TensorFlow does. */
const spread = (x: Float32Array, dy: Float32Array, dx: Float32Array, geometry: Geometry): void => {
  const { batchSize, inDepth, inHeight, inWidth, inChannels, padInfo } = geometry;
  const { outDepth, outHeight, outWidth, strideDepth, strideHeight, strideWidth } = geometry;
  const { effectiveFilterDepth, effectiveFilterHeight, effectiveFilterWidth } = geometry;
  let out = 0;
  const window = (batch: number, depth: number, row: number, column: number): void => {
    const [front, back] = inside(depth * strideDepth, padInfo.front, effectiveFilterDepth, inDepth);
    const [top, bottom] = inside(row * strideHeight, padInfo.top, effectiveFilterHeight, inHeight);
    const [left, right] = inside(column * strideWidth, padInfo.left, effectiveFilterWidth, inWidth);
    for (let channel = 0; channel < inChannels; channel++, out++) {
      let largest = Number.NEGATIVE_INFINITY;
      let place = -1;
      for (let z = front; z < back; z++) {
        for (let y = top; y < bottom; y++) {
          let at = (((batch * inDepth + z) * inHeight + y) * inWidth + left) * inChannels + channel;
          for (let count = left; count < right; count++, at += inChannels) {
            const value = x[at] as number;
            if (value > largest) {
              largest = value;
              place = at;
            }
          }
        }
      }
      if (place >= 0) dx[place] = (dx[place] as number) + (dy[out] as number);
    }
  };
  for (let batch = 0; batch < batchSize; batch++) {
    for (let depth = 0; depth < outDepth; depth++) {
      for (let row = 0; row < outHeight; row++) {
        for (let column = 0; column < outWidth; column++) window(batch, depth, row, column);
      }
    }
  }
};

/**
 * MaxPool3DGrad. Stock takes every element below zero for smaller than the maximum it starts at,
 * and gives the gradient of such windows to the wrong place.
 *
 * Inputs: dy [batch, outDepth, outHeight, outWidth, channels] and input [batch, depth, height,
 * width, channels], float32. Output: like input.
 */
export const maxPool3DGrad = newKernel<Inputs, tf.MaxPool3DGradAttrs>(
  tf.MaxPool3DGrad,
  ({ inputs: { dy, input }, attrs: { filterSize, strides, pad, dimRoundingMode }, backend }) => {
    const geometry = tf.backend_util.computePool3DInfo(
      input.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const output = uninitialized(backend, input.shape);
    const dx = elements(backend, output).fill(0);
    spread(elements(backend, input), elements(backend, dy), dx, geometry);
    return output;
  },
);
