import * as tf from '@tensorflow/tfjs';
import { forEachDepthwisePlace } from '../depthwise';
import { numberAsPadding } from '../padding';
import { elements, type Shape4D, uninitialized } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly x: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/**
 * DepthwiseConv2dNativeBackpropFilter. Each filter element is a sum over the whole batch, so the
 * sums are kept in double precision.
 *
 * Inputs: x [batch, height, width, in] and dy [batch, outHeight, outWidth, in × multiplier],
 * float32. Output: [filterHeight, filterWidth, in, multiplier].
 */
export const depthwiseConv2dBackpropFilter = newKernel<
  Inputs,
  tf.DepthwiseConv2dNativeBackpropFilterAttrs
>(tf.DepthwiseConv2dNativeBackpropFilter, ({ inputs, attrs, backend }) => {
  const { strides, dilations, pad, dimRoundingMode, filterShape } = attrs;
  const geometry = tf.backend_util.computeConv2DInfo(
    inputs.x.shape,
    filterShape as Shape4D,
    strides,
    dilations,
    numberAsPadding(pad),
    dimRoundingMode,
    true,
  );
  const { inChannels, outChannels } = geometry;
  const multiplier = outChannels / inChannels;
  const output = uninitialized(backend, filterShape);
  const [x, dy] = [elements(backend, inputs.x), elements(backend, inputs.dy)];
  const sums = new Float64Array(output.size);
  forEachDepthwisePlace(geometry, (image, out, filter) => {
    for (let channel = 0, k = 0; channel < inChannels; channel++) {
      const pixel = x[image + channel] as number;
      for (let q = 0; q < multiplier; q++, k++) {
        sums[filter + k] = (sums[filter + k] as number) + pixel * (dy[out + k] as number);
      }
    }
  });
  elements(backend, output).set(sums);
  return output;
});
