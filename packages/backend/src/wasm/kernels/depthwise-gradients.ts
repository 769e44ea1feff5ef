import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { elements, runKernel, uninitialized } from '../../tfjs-internals';
import { assertGradientShape } from '../assert-gradient-shape';
import {
  type Conv2DGeometry,
  flipFilter,
  numberAsPadding,
  padForInputGradient,
  type Shape4D,
} from '../conv2d-geometry';
import { newKernel } from '../define-kernel';

/**
 * Visits every pair of a filter element and an image element that a depthwise convolution
 * multiplies, one run of channels at a time.
 *
 * @param visit receives the index of the run's first channel in the image, in the output, and in
 *   the filter
 */
const forEachProduct = (
  geometry: Conv2DGeometry,
  visit: (image: number, output: number, filter: number) => void,
): void => {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = geometry;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = geometry;
  const { dilationHeight, dilationWidth, padInfo } = geometry;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let row = 0; row < outHeight; row++) {
      for (let filterRow = 0; filterRow < filterHeight; filterRow++) {
        const y = row * strideHeight - padInfo.top + filterRow * dilationHeight;
        if (y < 0 || y >= inHeight) continue;
        for (let column = 0; column < outWidth; column++) {
          const output = ((batch * outHeight + row) * outWidth + column) * outChannels;
          for (let filterColumn = 0; filterColumn < filterWidth; filterColumn++) {
            const x = column * strideWidth - padInfo.left + filterColumn * dilationWidth;
            if (x < 0 || x >= inWidth) continue;
            const image = ((batch * inHeight + y) * inWidth + x) * inChannels;
            visit(image, output, (filterRow * filterWidth + filterColumn) * outChannels);
          }
        }
      }
    }
  }
};

interface FilterGradientInputs {
  readonly x: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/**
 * DepthwiseConv2dNativeBackpropFilter. Sums in float64, because each filter element is a sum over
 * the batch.
 *
 * Inputs: x [batch, height, width, in] and dy [batch, outHeight, outWidth, in × multiplier];
 * float32. Output: [filterHeight, filterWidth, in, multiplier].
 */
export const depthwiseConv2dBackpropFilter = newKernel<
  FilterGradientInputs,
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
  assertGradientShape(tf.DepthwiseConv2dNativeBackpropFilter, inputs.dy, geometry.outShape);
  const { inChannels, outChannels } = geometry;
  const multiplier = outChannels / inChannels;
  const output = uninitialized(backend, filterShape);
  const [x, dy] = [elements(backend, inputs.x), elements(backend, inputs.dy)];
  const sums = new Float64Array(output.size);
  forEachProduct(geometry, (image, out, filter) => {
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

interface InputGradientInputs {
  readonly dy: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
}

/**
 * Without strides and with a multiplier of 1, the gradient is a depthwise convolution with the
 * flipped filter.
 */
const inputGradientByConvolution = (
  backend: BackendWasm,
  { dy, filter }: InputGradientInputs,
  geometry: Conv2DGeometry,
): tf.Tensor4D => {
  const images = padForInputGradient(dy, geometry);
  return runKernel(
    tf.DepthwiseConv2dNative,
    { x: images.x, filter: flipFilter(backend, filter) },
    {
      strides: [1, 1],
      pad: images.pad,
      dilations: [geometry.dilationHeight, geometry.dilationWidth],
    },
  );
};

const inputGradientByLoop = (
  backend: BackendWasm,
  inputs: InputGradientInputs,
  geometry: Conv2DGeometry,
): tf.Tensor => {
  const { batchSize, inHeight, inWidth, inChannels, outChannels } = geometry;
  const multiplier = outChannels / inChannels;
  const output = uninitialized(backend, [batchSize, inHeight, inWidth, inChannels]);
  const [dy, weights] = [elements(backend, inputs.dy), elements(backend, inputs.filter)];
  const dx = elements(backend, output).fill(0);
  forEachProduct(geometry, (image, out, filter) => {
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
 * in, multiplier]; float32. Output: `inputShape`, [batch, height, width, in].
 */
export const depthwiseConv2dBackpropInput = newKernel<
  InputGradientInputs,
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
    assertGradientShape(tf.DepthwiseConv2dNativeBackpropInput, inputs.dy, geometry.outShape);
    const { strideHeight, strideWidth, inChannels, outChannels } = geometry;
    return strideHeight === 1 && strideWidth === 1 && inChannels === outChannels
      ? inputGradientByConvolution(backend, inputs, geometry)
      : inputGradientByLoop(backend, inputs, geometry);
  }),
);
