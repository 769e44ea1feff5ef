import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type DepthwiseWindows, forEachDepthwisePlace } from '../depthwise';
import { flipFilter } from '../flip-filter';
import { numberAsPadding, padLater } from '../padding';
import { elements, runKernel, uninitialized } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly dy: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
}

type Geometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** Without strides and with one output per channel: a depthwise convolution with the filter turned around. */
const asConvolution = (
  backend: BackendWasm,
  { dy, filter }: Inputs,
  geometry: Geometry,
): tf.Tensor4D => {
  const { inHeight, inWidth, outHeight, outWidth, dilationHeight, dilationWidth, padInfo } =
    geometry;
  const { effectiveFilterHeight, effectiveFilterWidth } = geometry;
  const top = effectiveFilterHeight - 1 - padInfo.top;
  const left = effectiveFilterWidth - 1 - padInfo.left;
  const images = padLater(
    dy,
    [top, inHeight + effectiveFilterHeight - 1 - outHeight - top],
    [left, inWidth + effectiveFilterWidth - 1 - outWidth - left],
  );
  return runKernel(
    tf.DepthwiseConv2dNative,
    { x: images.x, filter: flipFilter(backend, filter) },
    { strides: [1, 1], pad: images.pad, dilations: [dilationHeight, dilationWidth] },
  );
};

const asLoop = (backend: BackendWasm, inputs: Inputs, geometry: DepthwiseWindows): tf.Tensor => {
  const { batchSize, inHeight, inWidth, inChannels, outChannels } = geometry;
  const multiplier = outChannels / inChannels;
  const output = uninitialized(backend, [batchSize, inHeight, inWidth, inChannels]);
  const [dy, weights] = [elements(backend, inputs.dy), elements(backend, inputs.filter)];
  const dx = elements(backend, output).fill(0);
  forEachDepthwisePlace(geometry, (image, out, filter) => {
    for (let channel = 0, k = 0; channel < inChannels; channel++) {
      let sum = dx[image + channel] as number;
      for (let q = 0; q < multiplier; q++, k++) {
        sum += (dy[out + k] as number) * (weights[filter + k] as number);
      }
      dx[image + channel] = sum;
    }
  });
  return output;
};

/**
 * DepthwiseConv2dNativeBackpropInput.
 *
 * Inputs: dy [batch, outHeight, outWidth, in × multiplier] and filter [filterHeight, filterWidth,
 * in, multiplier], float32. Output: of `inputShape`, [batch, height, width, in].
 */
export const depthwiseConv2dBackpropInput = newKernel<
  Inputs,
  tf.DepthwiseConv2dNativeBackpropInputAttrs
>(tf.DepthwiseConv2dNativeBackpropInput, ({ inputs, attrs, backend }) =>
  tf.tidy(() => {
    const { strides, dilations, pad, dimRoundingMode, inputShape } = attrs;
    const geometry = tf.backend_util.computeConv2DInfo(
      inputShape,
      inputs.filter.shape,
      strides,
      dilations,
      numberAsPadding(pad),
      dimRoundingMode,
      true,
    );
    const { strideHeight, strideWidth, inChannels, outChannels } = geometry;
    const plain = strideHeight === 1 && strideWidth === 1 && inChannels === outChannels;
    return plain ? asConvolution(backend, inputs, geometry) : asLoop(backend, inputs, geometry);
  }),
);
