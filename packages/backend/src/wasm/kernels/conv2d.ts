import { hasNonFinite } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { runOnCpu } from '../../run-on-cpu';
import { asTensor, elements } from '../../tfjs-internals';
import {
  explicitPadding,
  numberAsPadding,
  toChannelsFirst,
  toChannelsLast,
} from '../conv2d-geometry';
import { improvedKernel, type KernelCall, type TrainingKernel } from '../define-kernel';
import { applyActivation } from './activation';
import { isPerChannel } from './prelu';

interface Inputs {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly bias?: tf.Tensor;
  readonly preluActivationWeights?: tf.Tensor;
}

type Attributes = tf.Conv2DAttrs;

/** Conv2D and DepthwiseConv2dNative have no activation. */
interface FusedAttributes {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

const withExplicitPadding = (
  { x, filter }: Inputs,
  attrs: Attributes,
  depthwise: boolean,
): Attributes & { readonly outChannels: number; readonly outShape: number[] } => {
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
  return {
    ...attrs,
    dataFormat: 'NHWC',
    pad: explicitPadding(geometry),
    outChannels: geometry.outChannels,
    outShape: geometry.outShape,
  };
};

/** Reshapes [channels, 1, 1], which broadcasts with channels first, to [channels]. */
const flattenChannels = (x: tf.Tensor): tf.Tensor => (x.rank === 3 ? tf.reshape(x, [-1]) : x);

/** A convolution that sums no products, for which stock leaves the result unset. */
const withoutProducts = (
  { bias, preluActivationWeights }: Inputs,
  { activation = 'linear', leakyreluAlpha, dataFormat }: Attributes & FusedAttributes,
  outShape: number[],
): tf.Tensor =>
  tf.tidy(() => {
    const zeros = tf.zeros(outShape);
    const isPerRow = dataFormat === 'NCHW' && bias?.rank === 1;
    const sum = bias ? tf.add(zeros, isPerRow ? tf.reshape(bias, [-1, 1, 1]) : bias) : zeros;
    return applyActivation(sum, activation, preluActivationWeights, leakyreluAlpha);
  });

type Convolve = (call: KernelCall<Inputs, Attributes>) => tf.TensorInfo;

/** Runs a stock convolution, which only has channels last, with channels first. */
const withChannelsFirst = (
  stock: Convolve,
  { inputs, attrs, backend }: KernelCall<Inputs, Attributes>,
): tf.Tensor => {
  const { x, bias, preluActivationWeights, ...rest } = inputs;
  const channelsLast = {
    ...rest,
    x: toChannelsLast(x),
    ...(bias && { bias: flattenChannels(bias) }),
    ...(preluActivationWeights && {
      preluActivationWeights: flattenChannels(preluActivationWeights),
    }),
  };
  return toChannelsFirst(asTensor(stock({ inputs: channelsLast, attrs, backend })));
};

/** True if the stock kernel would return -Infinity for NaN: a depthwise convolution with a 1x1 filter. */
const hidesNaN = (
  { inputs: { x, filter }, backend }: KernelCall<Inputs, Attributes>,
  depthwise: boolean,
): boolean =>
  depthwise &&
  filter.shape[0] * filter.shape[1] === 1 &&
  (hasNonFinite(elements(backend, x)) || hasNonFinite(elements(backend, filter)));

/**
 * A stock convolution with correct padding, with channels first unless depthwise, and with any weights
 * of a PReLU.
 */
const correctedConvolution = (kernelName: string, depthwise: boolean): TrainingKernel =>
  improvedKernel<Inputs, Attributes & FusedAttributes>(kernelName, (stock) => (call) => {
    const { inputs, backend } = call;
    const { outShape, outChannels, ...explicit } = withExplicitPadding(
      inputs,
      call.attrs,
      depthwise,
    );
    if (inputs.x.size === 0 || inputs.filter.size === 0) {
      return withoutProducts(inputs, call.attrs, outShape);
    }
    const isChannelsFirst = call.attrs.dataFormat === 'NCHW' && !depthwise;
    const weights = inputs.preluActivationWeights;
    // Stock may turn NaN into 0 when it clamps.
    const clamp = ['relu', 'relu6'].find((name) => name === call.attrs.activation);
    const isFused = isPerChannel(weights, outChannels, isChannelsFirst);
    const activation = isFused && !clamp ? call.attrs.activation : 'linear';
    const attrs = { ...explicit, activation };
    if (hidesNaN(call, depthwise)) {
      return runOnCpu(kernelName, backend, { ...inputs }, call.attrs as unknown as tf.NamedAttrMap);
    }
    if (isFused && !clamp && !isChannelsFirst) return stock({ inputs, attrs, backend });
    return tf.tidy(() => {
      const { preluActivationWeights: _, ...linear } = inputs;
      const plain = { inputs: isFused ? inputs : linear, attrs, backend };
      const output = isChannelsFirst ? withChannelsFirst(stock, plain) : asTensor(stock(plain));
      if (clamp) return applyActivation(output, clamp);
      return isFused || weights === undefined ? output : tf.prelu(output, weights);
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
