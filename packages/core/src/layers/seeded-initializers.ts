import * as tf from '@tensorflow/tfjs';
import { mixSeed } from '../model/mix-seed';

type InitializerName = keyof typeof tf.initializers;

const glorot = { kernelInitializer: 'glorotUniform' } as const;
const depthwise = { depthwiseInitializer: 'glorotUniform' } as const;
const recurrent = { ...glorot, recurrentInitializer: 'orthogonal' } as const;

/**
 * The initializers that TensorFlow's layers of these kinds draw from by default. tfjs-layers draws
 * kernels from Glorot's normal distribution instead.
 */
const defaults: Readonly<Record<string, Readonly<Record<string, InitializerName>>>> = {
  conv1d: glorot,
  conv2d: glorot,
  conv2d_transpose: glorot,
  conv3d: glorot,
  conv3d_transpose: glorot,
  conv_lstm2d: recurrent,
  dense: glorot,
  depthwise_conv2d: depthwise,
  embedding: { embeddingsInitializer: 'randomUniform' },
  gru: recurrent,
  lstm: recurrent,
  separable_conv2d: { ...depthwise, pointwiseInitializer: 'glorotUniform' },
  simple_rnn: recurrent,
};

const isInitializerName = (value: unknown): value is InitializerName =>
  typeof value === 'string' && value in tf.initializers;

/**
 * A layer's configuration with initializers that draw from the estimator's seed, so that the same
 * seed gives the same variables. An initializer object is left as the user made it.
 */
export const seededInitializers = (
  kind: string,
  config: Readonly<Record<string, unknown>>,
  layerName: string,
  seed: number,
): Readonly<Record<string, unknown>> => {
  const seeded: Record<string, unknown> = { ...defaults[kind], ...config };
  for (const [key, value] of Object.entries(seeded)) {
    if (!key.endsWith('Initializer') || !isInitializerName(value)) continue;
    const make = tf.initializers[value] as (config: { seed: number }) => unknown;
    seeded[key] = make({ seed: mixSeed(seed, layerName, key) });
  }
  return seeded;
};
