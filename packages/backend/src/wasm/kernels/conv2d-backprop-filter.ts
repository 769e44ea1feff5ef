import * as tf from '@tensorflow/tfjs';
import { channelsLast } from '../channels';
import { numberAsPadding, padLater } from '../padding';
import { runKernel, type Shape4D } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly x: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/** tfjs's attributes, and dilations, which its own gradient never gives. */
type Attributes = tf.Conv2DBackpropFilterAttrs & { readonly dilations?: number | [number, number] };

/**
 * Conv2DBackpropFilter, as a convolution: with batch and channels changing places, x is the image
 * batch and dy the filter. The strides of the forward convolution become dilations, and the
 * reverse.
 *
 * Inputs: x [batch, height, width, in] and dy [batch, outHeight, outWidth, out], or both with
 * channels first, float32. Output: [filterHeight, filterWidth, in, out].
 */
export const conv2DBackpropFilter = newKernel<Inputs, Attributes>(
  tf.Conv2DBackpropFilter,
  ({ inputs, attrs }) =>
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
      const toLast = dataFormat === 'NCHW' ? channelsLast : (image: tf.Tensor4D) => image;
      const [x, dy] = [toLast(inputs.x), toLast(inputs.dy)];
      const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } =
        geometry;
      const { effectiveFilterHeight, effectiveFilterWidth, dilationHeight, dilationWidth } =
        geometry;
      // What the windows of the forward convolution cover, less the image itself.
      const rows = (outHeight - 1) * strideHeight + effectiveFilterHeight - inHeight;
      const columns = (outWidth - 1) * strideWidth + effectiveFilterWidth - inWidth;
      const images = padLater(
        tf.transpose(x, [3, 1, 2, 0]),
        [padInfo.top, rows - padInfo.top],
        [padInfo.left, columns - padInfo.left],
      );
      const gradients = runKernel<tf.Tensor4D>(
        tf.Conv2D,
        { x: images.x, filter: tf.transpose(dy, [1, 2, 0, 3]) },
        {
          strides: [dilationHeight, dilationWidth],
          pad: images.pad,
          dataFormat: 'NHWC',
          dilations: [strideHeight, strideWidth],
        },
      );
      return tf.transpose(gradients, [1, 2, 0, 3]);
    }),
);
