import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { channelsFirst, channelsLast } from '../channels';
import { col2im } from '../col2im';
import { flipFilter } from '../flip-filter';
import { numberAsPadding, padLater } from '../padding';
import { elements, runKernel, uninitialized } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly dy: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
}

/** tfjs's attributes, and dilations, which its own gradient never gives. */
type Attributes = tf.Conv2DBackpropInputAttrs & { readonly dilations?: number | [number, number] };

type Geometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** Elements of the windows that are unfolded at a time: 16 MiB of them. */
const windowElements = 4 << 20;

/** Without strides the gradient is a convolution of dy with the filter turned around. */
const asConvolution = (
  backend: BackendWasm,
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
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
    tf.Conv2D,
    { x: images.x, filter: flipFilter(backend, tf.transpose(filter, [0, 1, 3, 2])) },
    {
      strides: [1, 1],
      pad: images.pad,
      dataFormat: 'NHWC',
      dilations: [dilationHeight, dilationWidth],
    },
  );
};

/**
 * With strides: one matrix product gives what each window gets, and col2im adds it up. A
 * convolution would have to multiply by the zeros that the strides leave between the rows of dy.
 */
const asProduct = (
  backend: BackendWasm,
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: Geometry,
): tf.Tensor4D => {
  const { batchSize, outHeight, outWidth, outChannels, inHeight, inWidth, inChannels } = geometry;
  const output = uninitialized(backend, [batchSize, inHeight, inWidth, inChannels]);
  elements(backend, output).fill(0);
  const windowSize = filter.size / outChannels;
  const perImage = outHeight * outWidth * windowSize;
  const step = Math.max(1, Math.floor(windowElements / Math.max(perImage, 1)));
  const weights = tf.transpose(tf.reshape(filter, [windowSize, outChannels]));
  for (let first = 0; first < batchSize; first += step) {
    const count = Math.min(step, batchSize - first);
    const windows = tf.tidy(() => {
      const some = tf.slice(dy, [first, 0, 0, 0], [count, outHeight, outWidth, outChannels]);
      return tf.matMul(tf.reshape(some, [-1, outChannels]), weights);
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
 * Conv2DBackpropInput: the gradient of a convolution, and the transposed convolution itself. Both
 * ways of computing it end in XNNPACK; the stock kernel is a plain loop.
 *
 * Inputs: dy [batch, outHeight, outWidth, out], or channels first, and filter [filterHeight,
 * filterWidth, in, out], float32. Output: of `inputShape`.
 */
export const conv2DBackpropInput = newKernel<Inputs, Attributes>(
  tf.Conv2DBackpropInput,
  ({ inputs: { dy, filter }, attrs, backend }) =>
    tf.tidy(() => {
      const { strides, pad, dataFormat, dimRoundingMode, inputShape, dilations = 1 } = attrs;
      const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
      const geometry = tf.backend_util.computeConv2DInfo(
        inputShape,
        filter.shape,
        strides,
        dilations,
        numberAsPadding(pad, dataFormat),
        dimRoundingMode,
        false,
        format,
      );
      const gradient =
        geometry.strideHeight === 1 && geometry.strideWidth === 1 ? asConvolution : asProduct;
      if (dataFormat !== 'NCHW') return gradient(backend, dy, filter, geometry);
      return channelsFirst(gradient(backend, channelsLast(dy), filter, geometry));
    }),
);
