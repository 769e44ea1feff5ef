import * as tf from '@tensorflow/tfjs';
import { applyLayer, type CallOptions, type LayerInput } from './apply-layer';
import { conv2dLayer } from './conv2d-layer';

/** The configuration of one of tfjs-layers' factories, `name` left to us. */
type Config<Factory extends (config: never) => tf.layers.Layer> = Omit<
  NonNullable<Parameters<Factory>[0]>,
  'name' | 'inputShape' | 'batchInputShape' | 'batchSize' | 'inputDType'
>;

/** A factory of tfjs-layers as a function of its input, which gives a tensor of rank `R`. */
type LayerFunction<Factory extends (config: never) => tf.layers.Layer, R extends tf.Rank> = (
  input: LayerInput,
  options: Config<Factory> & CallOptions,
) => tf.Tensor<R>;

/** The same for layers that need no configuration. */
type OptionalLayerFunction<
  Factory extends (config: never) => tf.layers.Layer,
  R extends tf.Rank,
  Input extends LayerInput = LayerInput,
> = (input: Input, options?: Config<Factory> & CallOptions) => tf.Tensor<R>;

/** For layers whose output has the shape of their input. */
type SameShapeFunction<Factory extends (config: never) => tf.layers.Layer> = <T extends tf.Tensor>(
  input: T,
  options?: Config<Factory> & CallOptions,
) => T;

const define =
  (kind: string, factory: (config: never) => tf.layers.Layer) =>
  (input: LayerInput, options: CallOptions = {}): never =>
    applyLayer(kind, factory as (config: unknown) => tf.layers.Layer, input, options) as never;

type L = typeof tf.layers;
type Required<F extends keyof L, R extends tf.Rank = tf.Rank> = LayerFunction<Factory<F>, R>;
type Optional<F extends keyof L, R extends tf.Rank = tf.Rank> = OptionalLayerFunction<
  Factory<F>,
  R
>;
type Merge<F extends keyof L> = OptionalLayerFunction<Factory<F>, tf.Rank, tf.Tensor[]>;
type Same<F extends keyof L> = SameShapeFunction<Factory<F>>;
type Factory<F extends keyof L> = L[F] extends (config: infer C) => tf.layers.Layer
  ? (config: C) => tf.layers.Layer
  : never;
type R2 = tf.Rank.R2;
type R3 = tf.Rank.R3;
type R4 = tf.Rank.R4;
type R5 = tf.Rank.R5;

// Convolution: `[batch, …spatial, channels]`.
export const conv1d: Required<'conv1d', R3> = define('conv1d', tf.layers.conv1d);
export const conv2d: Required<'conv2d', R4> = define('conv2d', conv2dLayer);
export const conv3d: Required<'conv3d', R5> = define('conv3d', tf.layers.conv3d);
export const conv2dTranspose: Required<'conv2dTranspose', R4> = define(
  'conv2d_transpose',
  tf.layers.conv2dTranspose,
);
export const conv3dTranspose: Required<'conv3dTranspose', R5> = define(
  'conv3d_transpose',
  tf.layers.conv3dTranspose,
);
export const depthwiseConv2d: Required<'depthwiseConv2d', R4> = define(
  'depthwise_conv2d',
  tf.layers.depthwiseConv2d,
);
export const separableConv2d: Required<'separableConv2d', R4> = define(
  'separable_conv2d',
  tf.layers.separableConv2d,
);
export const cropping2D: Required<'cropping2D', R4> = define('cropping2d', tf.layers.cropping2D);
export const upSampling2d: Optional<'upSampling2d', R4> = define(
  'up_sampling2d',
  tf.layers.upSampling2d,
);
export const zeroPadding2d: Optional<'zeroPadding2d', R4> = define(
  'zero_padding2d',
  tf.layers.zeroPadding2d,
);

// Pooling.
export const averagePooling1d: Required<'averagePooling1d', R3> = define(
  'average_pooling1d',
  tf.layers.averagePooling1d,
);
export const averagePooling2d: Required<'averagePooling2d', R4> = define(
  'average_pooling2d',
  tf.layers.averagePooling2d,
);
export const averagePooling3d: Required<'averagePooling3d', R5> = define(
  'average_pooling3d',
  tf.layers.averagePooling3d,
);
export const maxPooling1d: Required<'maxPooling1d', R3> = define(
  'max_pooling1d',
  tf.layers.maxPooling1d,
);
export const maxPooling2d: Required<'maxPooling2d', R4> = define(
  'max_pooling2d',
  tf.layers.maxPooling2d,
);
export const maxPooling3d: Required<'maxPooling3d', R5> = define(
  'max_pooling3d',
  tf.layers.maxPooling3d,
);
export const globalAveragePooling1d: Optional<'globalAveragePooling1d', R2> = define(
  'global_average_pooling1d',
  tf.layers.globalAveragePooling1d,
);
export const globalAveragePooling2d: Optional<'globalAveragePooling2d', R2> = define(
  'global_average_pooling2d',
  tf.layers.globalAveragePooling2d,
);
export const globalMaxPooling1d: Optional<'globalMaxPooling1d', R2> = define(
  'global_max_pooling1d',
  tf.layers.globalMaxPooling1d,
);
export const globalMaxPooling2d: Optional<'globalMaxPooling2d', R2> = define(
  'global_max_pooling2d',
  tf.layers.globalMaxPooling2d,
);
export {
  averagePooling1d as avgPool1d,
  averagePooling1d as avgPooling1d,
  averagePooling2d as avgPool2d,
  averagePooling2d as avgPooling2d,
  averagePooling3d as avgPool3d,
  averagePooling3d as avgPooling3d,
  globalMaxPooling1d as globalMaxPool1d,
  globalMaxPooling2d as globalMaxPool2d,
  maxPooling1d as maxPool1d,
  maxPooling2d as maxPool2d,
};

// Core.
export const activation: Same<'activation'> = define('activation', tf.layers.activation);
export const embedding: Required<'embedding'> = define('embedding', tf.layers.embedding);
export const flatten: Optional<'flatten', R2> = define('flatten', tf.layers.flatten);
export const masking: Same<'masking'> = define('masking', tf.layers.masking);
export const permute: Required<'permute'> = define('permute', tf.layers.permute);
export const repeatVector: Required<'repeatVector', R3> = define(
  'repeat_vector',
  tf.layers.repeatVector,
);
export const reshape: Required<'reshape'> = define('reshape', tf.layers.reshape);
/** The last dimension becomes `units`; the others stay. */
export const dense = define('dense', tf.layers.dense) as <T extends tf.Tensor>(
  input: T,
  options: Config<typeof tf.layers.dense> & CallOptions,
) => T;

// Activations with a configuration of their own.
export const elu: Same<'elu'> = define('elu', tf.layers.elu);
export const leakyReLU: Same<'leakyReLU'> = define('leaky_re_lu', tf.layers.leakyReLU);
export const prelu: Same<'prelu'> = define('p_re_lu', tf.layers.prelu);
export const reLU: Same<'reLU'> = define('re_lu', tf.layers.reLU);
export const softmax: Same<'softmax'> = define('softmax', tf.layers.softmax);
export const thresholdedReLU: Same<'thresholdedReLU'> = define(
  'thresholded_re_lu',
  tf.layers.thresholdedReLU,
);

// Normalization. Batch normalization updates its moving statistics in training, and uses them otherwise.
export const batchNormalization: Same<'batchNormalization'> = define(
  'batch_normalization',
  tf.layers.batchNormalization,
);
export const layerNormalization: Same<'layerNormalization'> = define(
  'layer_normalization',
  tf.layers.layerNormalization,
);

// Merging several tensors.
export const add: Merge<'add'> = define('add', tf.layers.add);
export const average: Merge<'average'> = define('average', tf.layers.average);
export const concatenate: Merge<'concatenate'> = define('concatenate', tf.layers.concatenate);
export const dot = define('dot', tf.layers.dot) as (
  input: tf.Tensor[],
  options: Config<typeof tf.layers.dot> & CallOptions,
) => tf.Tensor;
export const maximum: Merge<'maximum'> = define('maximum', tf.layers.maximum);
export const minimum: Merge<'minimum'> = define('minimum', tf.layers.minimum);
export const multiply: Merge<'multiply'> = define('multiply', tf.layers.multiply);

// Recurrent layers: `[batch, time, features]`. Cells are made with tf.layers.lstmCell() and its like.
export const bidirectional: Required<'bidirectional'> = define(
  'bidirectional',
  tf.layers.bidirectional,
);
export const convLstm2d: Required<'convLstm2d'> = define('conv_lstm2d', tf.layers.convLstm2d);
export const gru: Required<'gru'> = define('gru', tf.layers.gru);
export const lstm: Required<'lstm'> = define('lstm', tf.layers.lstm);
export const rnn: Required<'rnn'> = define('rnn', tf.layers.rnn);
export const simpleRNN: Required<'simpleRNN'> = define('simple_rnn', tf.layers.simpleRNN);
export const timeDistributed: Required<'timeDistributed'> = define(
  'time_distributed',
  tf.layers.timeDistributed,
);

// Preprocessing.
export const categoryEncoding: Required<'categoryEncoding', R2> = define(
  'category_encoding',
  tf.layers.categoryEncoding,
);
export const centerCrop: Required<'centerCrop'> = define('center_crop', tf.layers.centerCrop);
export const randomWidth: Required<'randomWidth'> = define('random_width', tf.layers.randomWidth);
export const rescaling: Same<'rescaling'> = define('rescaling', tf.layers.rescaling);
export const resizing: Required<'resizing'> = define('resizing', tf.layers.resizing);
