import * as tf from '@tensorflow/tfjs';
import { asTensor } from '../../tfjs-internals';
import {
  explicitPadding,
  numberAsPadding,
  toChannelsFirst,
  toChannelsLast,
} from '../conv2d-geometry';
import { improvedKernel, type TrainingKernel } from '../define-kernel';

interface Inputs {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly bias?: tf.Tensor;
  readonly preluActivationWeights?: tf.Tensor;
}

type Attributes = tf.Conv2DAttrs;

const withExplicitPadding = (
  { x, filter }: Inputs,
  attrs: Attributes,
  depthwise: boolean,
): Attributes => {
  const { strides, dilations, pad, dataFormat, dimRoundingMode } = attrs;
  const geometry = tf.backend_util.computeConv2DInfo(
    x.shape,
    filter.shape,
    strides,
    dilations ?? 1,
    numberAsPadding(pad, dataFormat),
    dimRoundingMode,
    depthwise,
    dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast',
  );
  return { ...attrs, dataFormat: 'NHWC', pad: explicitPadding(geometry) };
};

/** Reshapes [channels, 1, 1], which broadcasts with channels first, to [channels]. */
const flattenChannels = (x: tf.Tensor): tf.Tensor => (x.rank === 3 ? tf.reshape(x, [-1]) : x);

/** A stock convolution with correct padding, and with channels first unless depthwise. */
const correctedConvolution = (kernelName: string, depthwise: boolean): TrainingKernel =>
  improvedKernel<Inputs, Attributes>(kernelName, (stock) => ({ inputs, attrs, backend }) => {
    const explicit = withExplicitPadding(inputs, attrs, depthwise);
    if (attrs.dataFormat !== 'NCHW' || depthwise) {
      return stock({ inputs, attrs: explicit, backend });
    }
    return tf.tidy(() => {
      const { x, bias, preluActivationWeights, ...rest } = inputs;
      const channelsLast = {
        ...rest,
        x: toChannelsLast(x),
        ...(bias && { bias: flattenChannels(bias) }),
        ...(preluActivationWeights && {
          preluActivationWeights: flattenChannels(preluActivationWeights),
        }),
      };
      return toChannelsFirst(asTensor(stock({ inputs: channelsLast, attrs: explicit, backend })));
    });
  });

/** Conv2D. Stock rejects channels first. */
export const conv2D = correctedConvolution(tf.Conv2D, false);

/** FusedConv2D: Conv2D with a bias and an activation. */
export const fusedConv2D = correctedConvolution(tf.FusedConv2D, false);

/** DepthwiseConv2dNative, channels last. */
export const depthwiseConv2D = correctedConvolution(tf.DepthwiseConv2dNative, true);

/** FusedDepthwiseConv2D: DepthwiseConv2dNative with a bias and an activation. */
export const fusedDepthwiseConv2D = correctedConvolution(tf.FusedDepthwiseConv2D, true);
