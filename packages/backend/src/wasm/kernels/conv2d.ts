import * as tf from '@tensorflow/tfjs';
import { channelsFirst, channelsLast } from '../channels';
import { numberAsPadding, paddingOf } from '../padding';
import { asTensor } from '../tensors';
import { improvedKernel, type TrainingKernel } from '../training-kernel';

interface Inputs {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly bias?: tf.Tensor;
  readonly preluActivationWeights?: tf.Tensor;
}

type Attributes = tf.Conv2DAttrs;

/** The same convolution with its padding in numbers and channels last. */
const plainly = ({ x, filter }: Inputs, attrs: Attributes, depthwise: boolean): Attributes => {
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
  return { ...attrs, dataFormat: 'NHWC', pad: paddingOf(geometry) };
};

/** [channels, 1, 1], as channels first has it, or [channels], to what broadcasts with channels last. */
const channelsOnly = (x: tf.Tensor): tf.Tensor => (x.rank === 3 ? tf.reshape(x, [-1]) : x);

/** A stock convolution, kept from its faults in padding. */
const paddedRight = (kernelName: string, depthwise: boolean): TrainingKernel =>
  improvedKernel<Inputs, Attributes>(kernelName, (stock) => ({ inputs, attrs, backend }) => {
    const plain = plainly(inputs, attrs, depthwise);
    if (attrs.dataFormat !== 'NCHW' || depthwise) return stock({ inputs, attrs: plain, backend });
    return tf.tidy(() => {
      const { x, bias, preluActivationWeights, ...rest } = inputs;
      const last = {
        ...rest,
        x: channelsLast(x),
        ...(bias && { bias: channelsOnly(bias) }),
        ...(preluActivationWeights && {
          preluActivationWeights: channelsOnly(preluActivationWeights),
        }),
      };
      return channelsFirst(asTensor(stock({ inputs: last, attrs: plain, backend })));
    });
  });

/** Conv2D: channels first too, which stock refuses, through transposes. */
export const conv2D = paddedRight(tf.Conv2D, false);

/** FusedConv2D: the same with a bias and an activation. */
export const fusedConv2D = paddedRight(tf.FusedConv2D, false);

/** DepthwiseConv2dNative, channels last. */
export const depthwiseConv2D = paddedRight(tf.DepthwiseConv2dNative, true);

/** FusedDepthwiseConv2D: the same with a bias and an activation. */
export const fusedDepthwiseConv2D = paddedRight(tf.FusedDepthwiseConv2D, true);
