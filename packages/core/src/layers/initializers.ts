import { mixSeed } from '@elistimator/graph';
import type * as tf from '@tensorflow/tfjs';
import { innerLayers } from './layers-within';

const glorot = { kernelInitializer: 'glorotUniform' } as const;
const depthwise = { depthwiseInitializer: 'glorotUniform' } as const;

/**
 * The initializers that TensorFlow's layers of these kinds draw kernels from by default. tfjs-layers
 * draws from Glorot's normal distribution instead.
 */
export const defaultInitializers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  conv1d: glorot,
  conv2d: glorot,
  conv2d_transpose: glorot,
  conv3d: glorot,
  conv3d_transpose: glorot,
  conv_lstm2d: glorot,
  dense: glorot,
  depthwise_conv2d: depthwise,
  gru: glorot,
  lstm: glorot,
  separable_conv2d: { ...depthwise, pointwiseInitializer: 'glorotUniform' },
  simple_rnn: glorot,
};

/**
 * Makes a layer's initializers, and those of layers within it, draw from a seed, so that the same seed
 * gives the same variables. An initializer that has a seed already keeps it. Must run before the layer
 * makes its weights.
 */
export const seedInitializers = (layer: tf.layers.Layer, seed: number): void => {
  const fields = layer as unknown as Record<string, unknown>;
  for (const [field, value] of Object.entries(fields)) {
    if (!field.endsWith('Initializer') || typeof value !== 'object' || value === null) continue;
    if ('seed' in value) value.seed ??= mixSeed(seed, field);
  }
  for (const [place, inner] of innerLayers(layer)) seedInitializers(inner, mixSeed(seed, place));
};
