import * as tf from '@tensorflow/tfjs';
import type { ProbeModel, TrainingProbe } from '../report';

/** A model to train, and a batch for it. The caller disposes of all three. */
interface ModelAndBatch {
  readonly model: tf.Sequential;
  readonly features: tf.Tensor;
  readonly labels: tf.Tensor;
}

const seed = 7;
const kernelInitializer = () => tf.initializers.glorotUniform({ seed });
const head = () =>
  tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: kernelInitializer() });

const compile = (
  layers: tf.layers.Layer[],
  optimizer: tf.Optimizer,
  shape: [number, ...number[]],
): ModelAndBatch => {
  const model = tf.sequential({ layers });
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const [batch] = shape;
  const classes = Array.from({ length: batch }, (_, index) => index % 10);
  return {
    model,
    features: tf.randomNormal(shape, 0, 1, 'float32', seed),
    labels: tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(classes, 'int32'), 10), 'float32')),
  };
};

/**
 * 784-128-10 with Adam, dominated by the overhead of calls. Features [32, 784], labels [32, 10].
 */
const mlp = (): ModelAndBatch => {
  const layers = [
    tf.layers.dense({
      units: 128,
      activation: 'relu',
      inputShape: [784],
      kernelInitializer: kernelInitializer(),
    }),
    head(),
  ];
  return compile(layers, tf.train.adam(0.001), [32, 784]);
};

/** One convolution with SGD, dominated by arithmetic. Features [8, 28, 28, 1], labels [8, 10]. */
const cnn = (): ModelAndBatch => {
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
  return compile(layers, tf.train.sgd(0.05), [8, 28, 28, 1]);
};

const models: Readonly<Record<ProbeModel, () => ModelAndBatch>> = { mlp, cnn };

const MIN_STEPS = 5;
const MAX_STEPS = 200;
const TIME_LIMIT_MS = 500;

/**
 * Trains a small model on the current backend, on one batch.
 *
 * @throws Error if a kernel fails or the loss doesn't decrease.
 */
export const trainBriefly = async (name: ProbeModel): Promise<TrainingProbe> => {
  const { model, features, labels } = models[name]();
  const step = async (): Promise<number> => Number(await model.trainOnBatch(features, labels));
  try {
    // Not timed: the first step also compiles, allocates and creates the optimizer's variables.
    const first = await step();
    const startTime = performance.now();
    const elapsed = () => performance.now() - startTime;
    let last = first;
    let steps = 0;
    while (steps < MIN_STEPS || (steps < MAX_STEPS && elapsed() < TIME_LIMIT_MS)) {
      last = await step();
      steps += 1;
    }
    const stepsPerSecond = (steps * 1000) / elapsed();
    if (!(last < first)) {
      throw new Error(`the loss went from ${first} to ${last} in ${steps} steps on one batch`);
    }
    return { model: name, stepsPerSecond, losses: [first, last] };
  } finally {
    model.dispose();
    features.dispose();
    labels.dispose();
  }
};
