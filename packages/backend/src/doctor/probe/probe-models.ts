import * as tf from '@tensorflow/tfjs';
import type { ProbeModel } from '../doctor-report';

/** A net that is to be trained, and a batch for it. The caller disposes of all three. */
export interface ProbeNet {
  readonly model: tf.Sequential;
  readonly features: tf.Tensor;
  readonly labels: tf.Tensor;
}

const seed = 7;
const kernelInitializer = () => tf.initializers.glorotUniform({ seed });
const head = () =>
  tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: kernelInitializer() });

/** 784-128-10, with Adam: calls, more than arithmetic. Features [32, 784], labels [32, 10]. */
const mlp = (): ProbeNet => {
  const layers = [
    tf.layers.dense({
      units: 128,
      activation: 'relu',
      inputShape: [784],
      kernelInitializer: kernelInitializer(),
    }),
    head(),
  ];
  return netOf(layers, tf.train.adam(0.001), [32, 784]);
};

/** One convolution, with SGD: arithmetic, more than calls. Features [8, 28, 28, 1], labels [8, 10]. */
const cnn = (): ProbeNet => {
  const layers = [
    tf.layers.conv2d({
      filters: 8,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      inputShape: [28, 28, 1],
      kernelInitializer: kernelInitializer(),
    }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    head(),
  ];
  return netOf(layers, tf.train.sgd(0.05), [8, 28, 28, 1]);
};

const netOf = (
  layers: tf.layers.Layer[],
  optimizer: tf.Optimizer,
  shape: [number, ...number[]],
): ProbeNet => {
  const model = tf.sequential({ layers });
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const [batch] = shape;
  const classes = Array.from({ length: batch }, (_, at) => at % 10);
  return {
    model,
    features: tf.randomNormal(shape, 0, 1, 'float32', seed),
    labels: tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(classes, 'int32'), 10), 'float32')),
  };
};

/** Makes a net on the current backend. */
export const probeNets: Readonly<Record<ProbeModel, () => ProbeNet>> = { mlp, cnn };
