import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { elements, runKernel, uninitialized } from '../../tfjs-internals';
import { assertGradientShape } from '../assert-gradient-shape';
import {
  type Conv2DGeometry,
  deferPadding,
  flipFilter,
  numberAsPadding,
  padForInputGradient,
  type Shape4D,
  toChannelsFirst,
  toChannelsLast,
} from '../conv2d-geometry';
import { newKernel } from '../define-kernel';

/** tfjs never passes dilations to gradient kernels, but these support them. */
interface Dilations {
  readonly dilations?: number | [number, number];
}

interface FilterGradientInputs {
  readonly x: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/**
 * Conv2DBackpropFilter, computed as a convolution with batch and channels swapped: x is the image
 * batch, dy is the filter. Strides of the forward convolution become dilations, and the reverse.
 *
 * Inputs: x [batch, height, width, in] and dy [batch, outHeight, outWidth, out], or both channels
 * first; float32. Output: [filterHeight, filterWidth, in, out].
 */
export const conv2DBackpropFilter = newKernel<
  FilterGradientInputs,
  tf.Conv2DBackpropFilterAttrs & Dilations
>(tf.Conv2DBackpropFilter, ({ inputs, attrs }) =>
  tf.tidy(() => {
    const { strides, pad, dataFormat, dimRoundingMode, filterShape, dilations = 1 } = attrs;
    const geometry = tf.backend_util.computeConv2DInfo(
      inputs.x.shape,
      filterShape as Shape4D,
      strides,
      dilations,
      numberAsPadding(pad, dataFormat),
      dimRoundingMode,
      false,
      tf.backend_util.convertConv2DDataFormat(dataFormat),
    );
    assertGradientShape(tf.Conv2DBackpropFilter, inputs.dy, geometry.outShape);
    const channelsFirst = dataFormat === 'NCHW';
    const x = channelsFirst ? toChannelsLast(inputs.x) : inputs.x;
    const dy = channelsFirst ? toChannelsLast(inputs.dy) : inputs.dy;
    const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = geometry;
    const { effectiveFilterHeight, effectiveFilterWidth, dilationHeight, dilationWidth } = geometry;
    // Total padding: what the forward windows cover, minus the image.
    const rows = (outHeight - 1) * strideHeight + effectiveFilterHeight - inHeight;
    const columns = (outWidth - 1) * strideWidth + effectiveFilterWidth - inWidth;
    const images = deferPadding(
      tf.transpose(x, [3, 1, 2, 0]),
      [padInfo.top, rows - padInfo.top],
      [padInfo.left, columns - padInfo.left],
    );
    const gradient = runKernel<tf.Tensor4D>(
      tf.Conv2D,
      { x: images.x, filter: tf.transpose(dy, [1, 2, 0, 3]) },
      {
        strides: [dilationHeight, dilationWidth],
        pad: images.pad,
        dataFormat: 'NHWC',
        dilations: [strideHeight, strideWidth],
      },
    );
    return tf.transpose(gradient, [1, 2, 0, 3]);
  }),
);

interface InputGradientInputs {
  readonly dy: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
}

/** Maximum number of window elements in memory at a time: 16 MiB. */
const MAX_WINDOW_ELEMENTS = 4 << 20;

/** Without strides, the gradient is a convolution of dy with the flipped filter. */
const inputGradientByConvolution = (
  backend: BackendWasm,
  { dy, filter }: InputGradientInputs,
  geometry: Conv2DGeometry,
): tf.Tensor4D => {
  const images = padForInputGradient(dy, geometry);
  return runKernel(
    tf.Conv2D,
    { x: images.x, filter: flipFilter(backend, tf.transpose(filter, [0, 1, 3, 2])) },
    {
      strides: [1, 1],
      pad: images.pad,
      dataFormat: 'NHWC',
      dilations: [geometry.dilationHeight, geometry.dilationWidth],
    },
  );
};

/**
 * Adds the elements of each window to the image elements that it covers: the transpose of im2col.
 *
 * @param windows [count, outHeight, outWidth, filterHeight, filterWidth, channels]
 * @param images [count, inHeight, inWidth, channels], updated in place
 */
const col2im = (
  windows: Float32Array,
  images: Float32Array,
  count: number,
  geometry: Conv2DGeometry,
): void => {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } =
    geometry;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = geometry;
  let from = 0;
  for (let image = 0; image < count; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        for (let filterRow = 0; filterRow < filterHeight; filterRow++) {
          const y = row * strideHeight - padInfo.top + filterRow * dilationHeight;
          if (y < 0 || y >= inHeight) {
            from += filterWidth * inChannels;
            continue;
          }
          for (let filterColumn = 0; filterColumn < filterWidth; filterColumn++) {
            const x = column * strideWidth - padInfo.left + filterColumn * dilationWidth;
            if (x < 0 || x >= inWidth) {
              from += inChannels;
              continue;
            }
            const to = ((image * inHeight + y) * inWidth + x) * inChannels;
            for (let channel = 0; channel < inChannels; channel++, from++) {
              images[to + channel] = (images[to + channel] as number) + (windows[from] as number);
            }
          }
        }
      }
    }
  }
};

/**
 * With strides, a matrix product yields the gradient of each window, and col2im sums them up. A
 * convolution would also multiply by the zeros that strides insert between the rows of dy.
 */
const inputGradientByProduct = (
  backend: BackendWasm,
  { dy, filter }: InputGradientInputs,
  geometry: Conv2DGeometry,
): tf.Tensor4D => {
  const { batchSize, outHeight, outWidth, outChannels, inHeight, inWidth, inChannels } = geometry;
  const output = uninitialized(backend, [batchSize, inHeight, inWidth, inChannels]);
  elements(backend, output).fill(0);
  const windowSize = filter.size / outChannels;
  const elementsPerImage = outHeight * outWidth * windowSize;
  const step = Math.max(1, Math.floor(MAX_WINDOW_ELEMENTS / Math.max(elementsPerImage, 1)));
  const weights = tf.transpose(tf.reshape(filter, [windowSize, outChannels]));
  for (let first = 0; first < batchSize; first += step) {
    const count = Math.min(step, batchSize - first);
    const windows = tf.tidy(() => {
      const part = tf.slice(dy, [first, 0, 0, 0], [count, outHeight, outWidth, outChannels]);
      return tf.matMul(tf.reshape(part, [-1, outChannels]), weights);
    });
    const imageSize = inHeight * inWidth * inChannels;
    const images = elements(backend, output).subarray(
      first * imageSize,
      (first + count) * imageSize,
    );
    col2im(elements(backend, windows), images, count, geometry);
    windows.dispose();
  }
  return output as tf.Tensor4D;
};

/**
 * Conv2DBackpropInput: the gradient of a convolution, and the transposed convolution itself. Runs
 * on XNNPACK; the stock kernel is a plain loop.
 *
 * Inputs: dy [batch, outHeight, outWidth, out], or channels first, and filter [filterHeight,
 * filterWidth, in, out]; float32. Output: `inputShape`.
 */
export const conv2DBackpropInput = newKernel<
  InputGradientInputs,
  tf.Conv2DBackpropInputAttrs & Dilations
>(tf.Conv2DBackpropInput, ({ inputs: { dy, filter }, attrs, backend }) =>
  tf.tidy(() => {
    const { strides, pad, dataFormat, dimRoundingMode, inputShape, dilations = 1 } = attrs;
    const geometry = tf.backend_util.computeConv2DInfo(
      inputShape,
      filter.shape,
      strides,
      dilations,
      numberAsPadding(pad, dataFormat),
      dimRoundingMode,
      false,
      tf.backend_util.convertConv2DDataFormat(dataFormat),
    );
    assertGradientShape(tf.Conv2DBackpropInput, dy, geometry.outShape);
    const gradient =
      geometry.strideHeight === 1 && geometry.strideWidth === 1
        ? inputGradientByConvolution
        : inputGradientByProduct;
    if (dataFormat !== 'NCHW') return gradient(backend, { dy, filter }, geometry);
    return toChannelsFirst(gradient(backend, { dy: toChannelsLast(dy), filter }, geometry));
  }),
);
