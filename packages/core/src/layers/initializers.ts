import { mixSeed } from '@elistimator/graph';
import type * as tf from '@tensorflow/tfjs';
import { innerLayers } from '../scope/inner-layers';
import { withSeed } from '../scope/tfjs-internals';

const glorot = { kernelInitializer: 'glorotUniform' } as const;
const depthwise = { depthwiseInitializer: 'glorotUniform' } as const;

/**
 * TensorFlow's default initializers of kernels, by kind of layer. The defaults of tfjs-layers draw from
 * Glorot's normal distribution instead.
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
 * Seeds the initializers of a layer and of the layers inside it, so that the same seed gives the same
 * variables. An initializer that already has a seed keeps it. Call it before the layer creates its
 * weights.
 */
export const seedInitializers = (layer: tf.layers.Layer, seed: number): void => {
  const fields = layer as unknown as Record<string, unknown>;
  for (const [field, value] of Object.entries(fields)) {
    if (!field.endsWith('Initializer') || typeof value !== 'object' || value === null) continue;
    // A copy: an initializer of the user may also be that of another layer, which draws other values.
    fields[field] = withSeed(value, mixSeed(seed, field));
  }
  for (const [path, inner] of innerLayers(layer)) seedInitializers(inner, mixSeed(seed, path));
};
