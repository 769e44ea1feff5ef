import * as tf from '@tensorflow/tfjs';
import { numberAsPadding } from '../padding';
import { elements, type Shape4D, uninitialized } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly dy: tf.Tensor4D;
  readonly input: tf.Tensor4D;
}

type Geometry = ReturnType<typeof tf.backend_util.computePool2DInfo>;

/** Shares each window's gradient out among those of its elements that are not padding. */
const spread = (dy: Float32Array, dx: Float32Array, geometry: Geometry): void => {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = geometry;
  const { strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth, padInfo } =
    geometry;
  let window = 0;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let row = 0; row < outHeight; row++) {
      const corner = row * strideHeight - padInfo.top;
      const [top, bottom] = [
        Math.max(corner, 0),
        Math.min(corner + effectiveFilterHeight, inHeight),
      ];
      for (let column = 0; column < outWidth; column++, window += inChannels) {
        const side = column * strideWidth - padInfo.left;
        const [left, right] = [Math.max(side, 0), Math.min(side + effectiveFilterWidth, inWidth)];
        const share = 1 / ((bottom - top) * (right - left));
        for (let y = top; y < bottom; y++) {
          let at = ((batch * inHeight + y) * inWidth + left) * inChannels;
          for (let x = left; x < right; x++) {
            for (let channel = 0; channel < inChannels; channel++, at++) {
              dx[at] = (dx[at] as number) + (dy[window + channel] as number) * share;
            }
          }
        }
      }
    }
  }
};

/**
 * AvgPoolGrad. At a padded border the forward kernel averages over the elements inside only, as
 * TensorFlow does; the stock gradient, on wasm and cpu alike, divides by the whole window there.
 *
 * Inputs: dy [batch, outHeight, outWidth, channels] and input [batch, height, width, channels],
 * float32. Output: like input.
 */
export const avgPoolGrad = newKernel<Inputs, tf.AvgPoolGradAttrs>(
  tf.AvgPoolGrad,
  ({ inputs: { dy, input }, attrs: { filterSize, strides, pad }, backend }) => {
    const shape = input.shape as Shape4D;
    const geometry = tf.backend_util.computePool2DInfo(
      shape,
      filterSize,
      strides,
      1,
      numberAsPadding(pad),
    );
    const output = uninitialized(backend, shape);
    const dx = elements(backend, output).fill(0);
    spread(elements(backend, dy), dx, geometry);
    return output;
  },
);
