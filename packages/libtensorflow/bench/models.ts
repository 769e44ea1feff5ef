import type * as TensorflowJs from '@tensorflow/tfjs';

type Tf = typeof TensorflowJs;

/** A network for MNIST, and one where the calls cost more than the arithmetic. */
const models = {
  CNN: ({ layers, sequential }: Tf) =>
    sequential({
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
  MLP: ({ layers, sequential }: Tf) =>
    sequential({
      layers: [
        layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
        layers.dense({ units: 10 }),
      ],
    }),
};

const batchSize = 56;

/** A training step of one of the models by SGD on a fixed batch; it gives the loss, read back. */
export const trainingStep = (tf: Tf, name: keyof typeof models): (() => number) => {
  const model = models[name](tf);
  const optimizer = tf.train.sgd(0.001);
  const images = tf.randomUniform([batchSize, 784], 0, 1, 'float32', 1);
  const digits = Array.from({ length: batchSize }, (_, index) => index % 10);
  const labels = tf.tensor1d(digits, 'int32');
  return () => {
    const loss = optimizer.minimize(() => {
      const logits = model.apply(images, { training: true }) as TensorflowJs.Tensor2D;
      return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 10), logits).asScalar();
    }, true);
    const [value = Number.NaN] = loss?.dataSync() ?? [];
    loss?.dispose();
    return value;
  };
};
