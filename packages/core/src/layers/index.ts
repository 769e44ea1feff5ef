/*
 * The public `layers` namespace: the layers of tfjs-layers as functions of their input, for use in a
 * model function. A layer is created in the first call of the model function and reused, with its
 * variables, in later calls. Each call must therefore apply the same layers with the same options.
 *
 * All functions throw OutsideModelFnError outside a model function, and ModelFnError when a name is
 * used twice, when the options differ from those of the first call, or when a layer with variables
 * appears only after the model was built, and ArgumentError for unknown options. They accept the options `name`, `reuse`, `training` and
 * `mask`, and those of the tfjs-layers factory of the same name. Regularizers add to the training loss;
 * tfjs-layers throws for `activityRegularizer`.
 *
 * Masks follow Keras 3. `embedding` with `maskZero`, `masking` and `setMask` make them. Recurrent layers,
 * `bidirectional`, `timeDistributed`, `batchNormalization`, `globalAveragePooling1d`, `softmax`, `multiply`,
 * `maximum` and `minimum` use them. `dense`, activations, dropout and noise, normalization, `rescaling`, `add`,
 * `average` and recurrent layers with `returnSequences` pass them on, and `concatenate` joins them. All
 * others lose them with a warning, `dot` and recurrent layers without sequences without one.
 */
export {
  activation,
  elu,
  leakyReLU,
  prelu,
  reLU,
  softmax,
  thresholdedReLU,
} from './activations';
export { apply } from './apply-layer';
export {
  conv1d,
  conv2d,
  conv2dTranspose,
  conv3d,
  conv3dTranspose,
  depthwiseConv2d,
  separableConv2d,
} from './convolutional';
export { dense, embedding } from './dense';
export {
  alphaDropout,
  dropout,
  gaussianDropout,
  gaussianNoise,
  type NoiseOptions,
  spatialDropout1d,
} from './dropout';
export type { LayerCallOptions, LayerInput, LayerOptions } from './layer-types';
export { getMask, setMask } from './masks';
export { add, average, concatenate, dot, maximum, minimum, multiply } from './merging';
export { batchNormalization, layerNormalization } from './normalization';
export {
  averagePooling1d,
  averagePooling1d as avgPool1d,
  averagePooling1d as avgPooling1d,
  averagePooling2d,
  averagePooling2d as avgPool2d,
  averagePooling2d as avgPooling2d,
  averagePooling3d,
  averagePooling3d as avgPool3d,
  averagePooling3d as avgPooling3d,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling1d as globalMaxPool1d,
  globalMaxPooling2d,
  globalMaxPooling2d as globalMaxPool2d,
  maxPooling1d,
  maxPooling1d as maxPool1d,
  maxPooling2d,
  maxPooling2d as maxPool2d,
  maxPooling3d,
} from './pooling';
export {
  categoryEncoding,
  centerCrop,
  randomWidth,
  rescaling,
  resizing,
} from './preprocessing';
export {
  bidirectional,
  convLstm2d,
  gru,
  lstm,
  masking,
  rnn,
  simpleRNN,
  timeDistributed,
} from './recurrent';
export {
  cropping2D,
  flatten,
  permute,
  repeatVector,
  reshape,
  upSampling2d,
  zeroPadding2d,
} from './reshaping';
