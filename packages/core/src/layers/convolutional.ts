import * as tf from '@tensorflow/tfjs';
import { applyLayer } from './apply-layer';
import { layerFunction } from './layer-arguments';
import { type LayerOptions, ofRank } from './layer-types';

/** Fields of a convolution layer of tfjs-layers that its declaration marks protected. */
interface ConvolutionFields {
  readonly kernel: tf.LayerVariable;
  readonly bias: tf.LayerVariable | null;
  readonly strides: [number, number];
  readonly padding: 'same' | 'valid';
  readonly dataFormat: 'channelsFirst' | 'channelsLast';
  readonly dilationRate: [number, number];
  readonly activation: { apply(x: tf.Tensor): tf.Tensor };
}

/** Runs a convolution with channels last, adds the bias, and applies the activation of its layer. */
const runConvolution = (
  inputs: tf.Tensor | tf.Tensor[],
  { bias, dataFormat, activation }: ConvolutionFields,
  convolve: (x: tf.Tensor4D) => tf.Tensor,
): tf.Tensor =>
  tf.tidy(() => {
    const [x] = (Array.isArray(inputs) ? inputs : [inputs]) as [tf.Tensor4D];
    const isChannelsFirst = dataFormat === 'channelsFirst';
    const y = convolve(isChannelsFirst ? tf.transpose(x, [0, 2, 3, 1]) : x);
    const sum = bias === null ? y : y.add(bias.read());
    return activation.apply(isChannelsFirst ? tf.transpose(sum, [0, 3, 1, 2]) : sum);
  });

const isDilated = ({ dilationRate }: ConvolutionFields): boolean =>
  dilationRate.some((rate) => rate !== 1);

/**
 * Creates a tf.layers.conv2d that can be trained with dilations. tfjs-layers fuses convolution, bias
 * and activation into one operation, whose gradient rejects dilations, so a dilated layer here runs
 * the three operations one by one.
 */
const createConv2dLayer = (config: Parameters<typeof tf.layers.conv2d>[0]): tf.layers.Layer => {
  const layer = tf.layers.conv2d(config);
  const convolution = layer as unknown as ConvolutionFields;
  const { strides, padding, dilationRate } = convolution;
  if (!isDilated(convolution)) return layer;
  layer.call = (inputs) =>
    runConvolution(inputs, convolution, (x) => {
      const kernel = convolution.kernel.read() as tf.Tensor4D;
      return tf.conv2d(x, kernel, strides, padding, 'NHWC', dilationRate);
    });
  return layer;
};

/** Creates a tf.layers.depthwiseConv2d with dilations, which tfjs-layers ignores. */
const createDepthwiseConv2dLayer = (
  config: Parameters<typeof tf.layers.depthwiseConv2d>[0],
): tf.layers.Layer => {
  const layer = tf.layers.depthwiseConv2d(config);
  const convolution = layer as unknown as ConvolutionFields & {
    readonly depthwiseKernel: tf.LayerVariable;
  };
  const { strides, padding, dilationRate } = convolution;
  if (!isDilated(convolution)) return layer;
  layer.call = (inputs) =>
    runConvolution(inputs, convolution, (x) => {
      const kernel = convolution.depthwiseKernel.read() as tf.Tensor4D;
      return tf.depthwiseConv2d(x, kernel, strides, padding, 'NHWC', dilationRate);
    });
  return layer;
};

/**
 * Convolution over one dimension, such as time.
 *
 * `tf.layers.conv1d` of TensorFlow 1, `tf.keras.layers.Conv1D`. Does not support
 * `padding: 'causal'` and `groups`. With `dataFormat: 'channelsFirst'`, the output is still channels
 * last. Training with a dilation needs the gradients of `@elistimator/backend`.
 *
 * Variables: `conv1d/kernel` [kernelSize, channels, filters], `conv1d/bias` [filters].
 *
 * @param input [batch, steps, channels], float32
 * @param options.filters number of output channels
 * @param options.kernelSize length of the window
 * @param options.strides default: 1
 * @param options.padding `'valid'`, or `'same'` for as many steps as the input. Default: `'valid'`
 * @param options.dilationRate default: 1. Not together with strides
 * @param options.activation default: none
 * @param options.useBias default: true
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.biasInitializer default: `'zeros'`
 * @returns [batch, newSteps, filters], float32
 */
export const conv1d = layerFunction(
  'conv1d',
  (input: tf.Tensor, options: LayerOptions<'conv1d'>): tf.Tensor3D =>
    ofRank(3, applyLayer('conv1d', tf.layers.conv1d, input, options)),
);

/**
 * Convolution over the rows and columns of images.
 *
 * `tf.layers.conv2d` of TensorFlow 1, `tf.keras.layers.Conv2D`. Does not support `groups`. Unlike
 * `tf.layers.conv2d` of tfjs, it can be trained with a dilation, with the gradients of
 * `@elistimator/backend`.
 *
 * Variables: `conv2d/kernel` [rows, columns, channels, filters], `conv2d/bias` [filters].
 *
 * @param input [batch, rows, columns, channels], float32; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`
 * @param options.filters number of output channels
 * @param options.kernelSize rows and columns of the window: one number or two
 * @param options.strides one number or two. Default: 1
 * @param options.padding `'valid'`, or `'same'` for ⌈size / stride⌉. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @param options.dilationRate one number or two. Default: 1. Not together with strides
 * @param options.activation default: none
 * @param options.useBias default: true
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.biasInitializer default: `'zeros'`
 * @returns [batch, newRows, newColumns, filters], float32; channels first if the input is
 *
 * @example
 * const conv = layers.conv2d(images, { filters: 32, kernelSize: 5, padding: 'same', activation: 'relu' });
 */
export const conv2d = layerFunction(
  'conv2d',
  (input: tf.Tensor, options: LayerOptions<'conv2d'>): tf.Tensor4D =>
    ofRank(4, applyLayer('conv2d', createConv2dLayer, input, options)),
);

/**
 * Convolution over the depth, rows and columns of volumes.
 *
 * `tf.layers.conv3d` of TensorFlow 1, `tf.keras.layers.Conv3D`. Does not support `groups`. Training
 * with a dilation needs the gradients of `@elistimator/backend`.
 *
 * Variables: `conv3d/kernel` [depth, rows, columns, channels, filters], `conv3d/bias` [filters].
 *
 * @param input [batch, depth, rows, columns, channels], float32; [batch, channels, depth, rows,
 *   columns] with `dataFormat: 'channelsFirst'`
 * @param options.filters number of output channels
 * @param options.kernelSize depth, rows and columns of the window: one number or three
 * @param options.strides one number or three. Default: 1
 * @param options.padding `'valid'`, or `'same'` for ⌈size / stride⌉. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @param options.dilationRate one number or three. Default: 1. Not together with strides
 * @param options.activation default: none
 * @param options.useBias default: true
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.biasInitializer default: `'zeros'`
 * @returns [batch, newDepth, newRows, newColumns, filters], float32; channels first if the input is
 */
export const conv3d = layerFunction(
  'conv3d',
  (input: tf.Tensor, options: LayerOptions<'conv3d'>): tf.Tensor5D =>
    ofRank(5, applyLayer('conv3d', tf.layers.conv3d, input, options)),
);

/**
 * Transposed convolution over images, which enlarges them by its strides. Also called deconvolution.
 *
 * `tf.layers.conv2d_transpose` of TensorFlow 1, `tf.keras.layers.Conv2DTranspose`. Does not support
 * `outputPadding`, and ignores `dilationRate`.
 *
 * Variables: `conv2d_transpose/kernel` [rows, columns, filters, channels], `conv2d_transpose/bias`
 * [filters].
 *
 * @param input [batch, rows, columns, channels], float32; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`
 * @param options.filters number of output channels
 * @param options.kernelSize rows and columns of the window: one number or two
 * @param options.strides one number or two. Default: 1
 * @param options.padding `'valid'` for size · stride + max(kernel − stride, 0), or `'same'` for
 *   size · stride. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @param options.activation default: none
 * @param options.useBias default: true
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.biasInitializer default: `'zeros'`
 * @returns [batch, newRows, newColumns, filters], float32; channels first if the input is
 */
export const conv2dTranspose = layerFunction(
  'conv2dTranspose',
  (input: tf.Tensor, options: LayerOptions<'conv2dTranspose'>): tf.Tensor4D =>
    ofRank(4, applyLayer('conv2d_transpose', tf.layers.conv2dTranspose, input, options)),
);

/**
 * Transposed convolution over volumes, which enlarges them by its strides.
 *
 * `tf.layers.conv3d_transpose` of TensorFlow 1, `tf.keras.layers.Conv3DTranspose`. Does not support
 * `outputPadding`, and ignores `dilationRate`.
 *
 * Variables: `conv3d_transpose/kernel` [depth, rows, columns, filters, channels],
 * `conv3d_transpose/bias` [filters].
 *
 * @param input [batch, depth, rows, columns, channels], float32; [batch, channels, depth, rows,
 *   columns] with `dataFormat: 'channelsFirst'`
 * @param options.filters number of output channels
 * @param options.kernelSize depth, rows and columns of the window: one number or three
 * @param options.strides one number or three. Default: 1
 * @param options.padding `'valid'` for size · stride + max(kernel − stride, 0), or `'same'` for
 *   size · stride. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @param options.activation default: none
 * @param options.useBias default: true
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.biasInitializer default: `'zeros'`
 * @returns [batch, newDepth, newRows, newColumns, filters], float32; channels first if the input is
 */
export const conv3dTranspose = layerFunction(
  'conv3dTranspose',
  (input: tf.Tensor, options: LayerOptions<'conv3dTranspose'>): tf.Tensor5D =>
    ofRank(5, applyLayer('conv3d_transpose', tf.layers.conv3dTranspose, input, options)),
);

/**
 * Convolution of each channel with its own filters, without mixing channels.
 *
 * `tf.keras.layers.DepthwiseConv2D`. Ignores `dilationRate`: use {@link separableConv2d} for that.
 *
 * Variables: `depthwise_conv2d/depthwise_kernel` [rows, columns, channels, depthMultiplier],
 * `depthwise_conv2d/bias` [channels · depthMultiplier].
 *
 * @param input [batch, rows, columns, channels], float32; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`
 * @param options.kernelSize rows and columns of the window: one number or two
 * @param options.depthMultiplier number of output channels for each input channel. Default: 1
 * @param options.strides one number or two. Default: 1
 * @param options.padding `'valid'`, or `'same'` for ⌈size / stride⌉. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @param options.dilationRate one number or two. Default: 1. Not together with strides. Unlike
 *   `tf.layers.depthwiseConv2d` of tfjs, it has an effect
 * @param options.activation default: none
 * @param options.useBias default: true
 * @param options.depthwiseInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.biasInitializer default: `'zeros'`
 * @returns [batch, newRows, newColumns, channels · depthMultiplier], float32; channels first if the
 *   input is
 */
export const depthwiseConv2d = layerFunction(
  'depthwiseConv2d',
  (input: tf.Tensor, options: LayerOptions<'depthwiseConv2d'>): tf.Tensor4D =>
    ofRank(4, applyLayer('depthwise_conv2d', createDepthwiseConv2dLayer, input, options)),
);

/**
 * Depthwise convolution, followed by a convolution with a 1 × 1 window that mixes the channels. Needs
 * fewer weights than {@link conv2d}.
 *
 * `tf.layers.separable_conv2d` of TensorFlow 1, `tf.keras.layers.SeparableConv2D`. tfjs-layers uses
 * `depthwiseInitializer` for both kernels and ignores `pointwiseInitializer`. With
 * `dataFormat: 'channelsFirst'`, `useBias` must be false. Training with a dilation needs the gradients
 * of `@elistimator/backend`.
 *
 * Variables: `separable_conv2d/depthwise_kernel` [rows, columns, channels, depthMultiplier],
 * `separable_conv2d/pointwise_kernel` [1, 1, channels · depthMultiplier, filters],
 * `separable_conv2d/bias` [filters].
 *
 * @param input [batch, rows, columns, channels], float32; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`
 * @param options.filters number of output channels
 * @param options.kernelSize rows and columns of the window: one number or two
 * @param options.depthMultiplier number of intermediate channels for each input channel. Default: 1
 * @param options.strides one number or two. Default: 1
 * @param options.padding `'valid'`, or `'same'` for ⌈size / stride⌉. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @param options.dilationRate one number or two. Default: 1. Not together with strides
 * @param options.activation default: none
 * @param options.useBias default: true
 * @param options.depthwiseInitializer of both kernels. Default: `'glorotUniform'`
 * @param options.biasInitializer default: `'zeros'`
 * @returns [batch, newRows, newColumns, filters], float32; channels first if the input is
 */
export const separableConv2d = layerFunction(
  'separableConv2d',
  (input: tf.Tensor, options: LayerOptions<'separableConv2d'>): tf.Tensor4D =>
    ofRank(4, applyLayer('separable_conv2d', tf.layers.separableConv2d, input, options)),
);
