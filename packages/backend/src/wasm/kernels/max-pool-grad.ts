import * as tf from '@tensorflow/tfjs';
import { numberAsPadding } from '../padding';
import { elements, type Shape4D, uninitialized } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly dy: tf.Tensor4D;
  readonly input: tf.Tensor4D;
}

type Geometry = ReturnType<typeof tf.backend_util.computePool2DInfo>;

/** Gives each window's gradient to the first of its largest elements, as TensorFlow does. */
const spread = (x: Float32Array, dy: Float32Array, dx: Float32Array, geometry: Geometry): void => {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = geometry;
  const { strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth, padInfo } =
    geometry;
  let out = 0;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let row = 0; row < outHeight; row++) {
      const corner = row * strideHeight - padInfo.top;
      const [top, bottom] = [
        Math.max(corner, 0),
        Math.min(corner + effectiveFilterHeight, inHeight),
      ];
      for (let column = 0; column < outWidth; column++) {
        const side = column * strideWidth - padInfo.left;
        const [left, right] = [Math.max(side, 0), Math.min(side + effectiveFilterWidth, inWidth)];
        for (let channel = 0; channel < inChannels; channel++, out++) {
          let largest = Number.NEGATIVE_INFINITY;
          let place = -1;
          for (let y = top; y < bottom; y++) {
            let at = ((batch * inHeight + y) * inWidth + left) * inChannels + channel;
            for (let count = left; count < right; count++, at += inChannels) {
              const value = x[at] as number;
              if (value > largest) {
                largest = value;
                place = at;
              }
            }
          }
          if (place >= 0) dx[place] = (dx[place] as number) + (dy[out] as number);
        }
      }
    }
  }
};

/**
 * MaxPoolGrad: one pass over the output. Stock searches each window once for every element of the
 * input, which took ten times as long.
 *
 * Inputs: dy [batch, outHeight, outWidth, channels] and input [batch, height, width, channels],
 * float32. Output: like input.
 */
export const maxPoolGrad = newKernel<Inputs, tf.MaxPoolGradAttrs>(
  tf.MaxPoolGrad,
  ({ inputs: { dy, input }, attrs, backend }) => {
    const { filterSize, strides, pad, dimRoundingMode } = attrs;
    const shape = input.shape as Shape4D;
    const geometry = tf.backend_util.computePool2DInfo(
      shape,
      filterSize,
      strides,
      1,
      numberAsPadding(pad),
      dimRoundingMode,
    );
    const output = uninitialized(backend, shape);
    const dx = elements(backend, output).fill(0);
    spread(elements(backend, input), elements(backend, dy), dx, geometry);
    return output;
  },
);
