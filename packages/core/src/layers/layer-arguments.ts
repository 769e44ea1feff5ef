import {
  checkedFunction,
  type Kind,
  kinds,
  options,
  type Parameter,
  required,
  requiredOptions,
} from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import type { LayerOptions } from './layer-types';

/*
 * The options of each layer function. tfjs-layers ignores those that it doesn't know, such as `stride` in
 * place of `strides`.
 */

const isTensor = (value: unknown): boolean => value instanceof tf.Tensor;

/** What layers of one input take. */
export const tensorInput: Kind = { expected: 'a tensor', accepts: isTensor };
const tensors: Kind = {
  expected: 'an array of tensors',
  accepts: (value) => Array.isArray(value) && value.every(isTensor),
};
/** What layers take as their input. */
export const layerInput: Kind = {
  expected: 'a tensor, or an array of tensors',
  accepts: (value) => tensorInput.accepts(value) || tensors.accepts(value),
};

/** The options of layer functions that say how the layer is applied. */
export const callKeys = {
  name: true,
  training: kinds.boolean,
  mask: tensorInput,
  reuse: kinds.boolean,
} as const;

const common = { ...callKeys, dtype: true, trainable: true, weights: true } as const;
const needed = required();

const weighted = {
  activation: true,
  useBias: true,
  kernelInitializer: true,
  biasInitializer: true,
  kernelConstraint: true,
  biasConstraint: true,
  kernelRegularizer: true,
  biasRegularizer: true,
} as const;

const kernel = {
  ...common,
  ...weighted,
  activityRegularizer: true,
  kernelSize: needed,
  strides: true,
  padding: true,
  dataFormat: true,
  dilationRate: true,
} as const;

const convolution = { ...kernel, filters: needed } as const;

const depthwise = {
  depthMultiplier: true,
  depthwiseInitializer: true,
  depthwiseConstraint: true,
  depthwiseRegularizer: true,
} as const;

const sequence = {
  ...common,
  returnSequences: true,
  returnState: true,
  goBackwards: true,
  stateful: true,
  unroll: true,
  inputDim: true,
  inputLength: true,
} as const;

const recurrent = {
  ...sequence,
  ...weighted,
  cell: true,
  recurrentInitializer: true,
  recurrentRegularizer: true,
  recurrentConstraint: true,
  dropout: true,
  recurrentDropout: true,
  dropoutFunc: true,
} as const;

const gated = { ...recurrent, recurrentActivation: true, implementation: true } as const;

const pooling1d = { ...common, poolSize: true, strides: true, padding: true } as const;
const pooling = { ...pooling1d, dataFormat: true } as const;
const size = { ...common, height: needed, width: needed } as const;
const normalization = {
  ...common,
  axis: true,
  epsilon: true,
  center: true,
  scale: true,
  betaInitializer: true,
  gammaInitializer: true,
  betaRegularizer: true,
  gammaRegularizer: true,
} as const;

type Keys<Options> = { readonly [Key in keyof Required<Options>]: true | Kind | Parameter };

/** Each with every option of its type, which the compiler makes sure of. */
const keysOf = {
  activation: { ...common, activation: needed },
  add: common,
  average: common,
  averagePooling1d: pooling1d,
  averagePooling2d: pooling,
  averagePooling3d: pooling,
  batchNormalization: {
    ...normalization,
    momentum: true,
    movingMeanInitializer: true,
    movingVarianceInitializer: true,
    betaConstraint: true,
    gammaConstraint: true,
  },
  bidirectional: { ...common, layer: needed, mergeMode: true },
  categoryEncoding: { ...common, numTokens: needed, outputMode: true },
  centerCrop: size,
  concatenate: { ...common, axis: true },
  conv1d: convolution,
  conv2d: convolution,
  conv2dTranspose: convolution,
  conv3d: convolution,
  conv3dTranspose: convolution,
  convLstm2d: {
    ...gated,
    filters: needed,
    kernelSize: needed,
    strides: true,
    padding: true,
    dataFormat: true,
    dilationRate: true,
    unitForgetBias: true,
  },
  cropping2D: { ...common, cropping: needed, dataFormat: true },
  dense: { ...common, ...weighted, activityRegularizer: true, units: needed, inputDim: true },
  depthwiseConv2d: { ...kernel, ...depthwise },
  dot: { ...common, axes: needed, normalize: true },
  elu: { ...common, alpha: true },
  embedding: {
    ...common,
    inputDim: needed,
    outputDim: needed,
    inputLength: true,
    maskZero: true,
    embeddingsInitializer: true,
    embeddingsRegularizer: true,
    embeddingsConstraint: true,
    activityRegularizer: true,
  },
  flatten: { ...common, dataFormat: true },
  globalAveragePooling1d: common,
  globalAveragePooling2d: { ...common, dataFormat: true },
  globalMaxPooling1d: common,
  globalMaxPooling2d: { ...common, dataFormat: true },
  gru: { ...gated, units: needed },
  layerNormalization: normalization,
  leakyReLU: { ...common, alpha: true },
  lstm: { ...gated, units: needed, unitForgetBias: true },
  masking: { ...common, maskValue: true },
  maxPooling1d: pooling1d,
  maxPooling2d: pooling,
  maxPooling3d: pooling,
  maximum: common,
  minimum: common,
  multiply: common,
  permute: { ...common, dims: needed },
  prelu: {
    ...common,
    alphaInitializer: true,
    alphaRegularizer: true,
    alphaConstraint: true,
    sharedAxes: true,
  },
  randomWidth: { ...common, factor: needed, interpolation: true, seed: true, autoVectorize: true },
  reLU: { ...common, maxValue: true },
  repeatVector: { ...common, n: needed },
  rescaling: { ...common, scale: needed, offset: true },
  reshape: { ...common, targetShape: needed },
  resizing: { ...size, interpolation: true, cropToAspectRatio: true },
  rnn: { ...sequence, cell: needed },
  separableConv2d: {
    ...convolution,
    ...depthwise,
    pointwiseInitializer: true,
    pointwiseRegularizer: true,
    pointwiseConstraint: true,
  },
  simpleRNN: { ...recurrent, units: needed },
  softmax: { ...common, axis: true },
  thresholdedReLU: { ...common, theta: true },
  timeDistributed: { ...common, layer: needed },
  upSampling2d: { ...common, dataFormat: true, interpolation: true, size: true },
  zeroPadding2d: { ...common, padding: true, dataFormat: true },
} as const satisfies { readonly [Name in keyof typeof tf.layers]?: Keys<LayerOptions<Name>> };

const inputOf = (name: string): Kind => {
  if (/^(add|average|concatenate|dot|maximum|minimum|multiply)$/.test(name)) return tensors;
  return /^(bidirectional|convLstm2d|gru|lstm|rnn|simpleRNN)$/.test(name)
    ? layerInput
    : tensorInput;
};

const rank = (key: string, rule: unknown): number =>
  rule === needed ? 0 : Object.hasOwn(common, key) ? 2 : 1;

/**
 * A layer function that refuses unknown options, superfluous arguments, and an input that is no tensor.
 *
 * @param name its name in `layers`, and that of its factory in `tf.layers`
 */
export const layerFunction = <Fn extends (...args: never[]) => tf.Tensor>(
  name: keyof typeof keysOf,
  fn: Fn,
): Fn => {
  // In messages, the options of the layer itself come first.
  const keys: Readonly<Record<string, true | Kind | Parameter>> = Object.fromEntries(
    Object.entries(keysOf[name]).sort(([a, rule], [b, other]) => rank(a, rule) - rank(b, other)),
  );
  const isNeeded = Object.values(keys).includes(needed);
  const parameter = isNeeded ? requiredOptions<typeof keys>(keys) : options<typeof keys>(keys);
  return checkedFunction(
    `layers.${name}()`,
    { input: required(inputOf(name)), options: parameter },
    fn,
  );
};
