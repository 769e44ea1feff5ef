import * as tf from '@tensorflow/tfjs';

const { layers } = tf;

/** The seed's network for MNIST, and one where the calls cost more than the arithmetic. */
export const models = {
  CNN: (): tf.Sequential =>
    tf.sequential({
      layers: [
        layers.reshape({ targetShape: [28, 28, 1], inputShape: [784] }),
        layers.conv2d({ filters: 32, kernelSize: 5, padding: 'same', activation: 'relu' }),
        layers.maxPooling2d({ poolSize: 2, strides: 2 }),
        layers.conv2d({ filters: 64, kernelSize: 5, padding: 'same', activation: 'relu' }),
        layers.maxPooling2d({ poolSize: 2, strides: 2 }),
        layers.flatten(),
        layers.dense({ units: 1024, activation: 'relu' }),
        layers.dropout({ rate: 0.4 }),
        layers.dense({ units: 10 }),
      ],
    }),
  MLP: (): tf.Sequential =>
    tf.sequential({
      layers: [
        layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
        layers.dense({ units: 10 }),
      ],
    }),
};

export type ModelName = keyof typeof models;

const batchSize = 56;

/** A training step of one of the models by SGD on a fixed batch; it gives the loss, read back. */
export const trainingStep = (name: ModelName): (() => number) => {
  const model = models[name]();
  const optimizer = tf.train.sgd(0.001);
  const images = tf.randomUniform([batchSize, 784], 0, 1, 'float32', 1);
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batchSize }, (_, index) => index % 10),
      'int32',
    ),
    10,
  );
  return () => {
    const loss = optimizer.minimize(() => {
      const logits = model.apply(images, { training: true }) as tf.Tensor2D;
      return tf.losses.softmaxCrossEntropy(labels, logits).asScalar();
    }, true);
    const [value = Number.NaN] = loss?.dataSync() ?? [];
    loss?.dispose();
    return value;
  };
};
