const conv = { kernelSize: 5, padding: 'same', activation: 'relu' };
const pool = { poolSize: 2, strides: 2 };

export const benchNetworks = {
  CNN: ({ layers, sequential }) =>
    sequential({
      layers: [
        layers.reshape({ targetShape: [28, 28, 1], inputShape: [784] }),
        layers.conv2d({ filters: 32, ...conv }),
        layers.maxPooling2d(pool),
        layers.conv2d({ filters: 64, ...conv }),
        layers.maxPooling2d(pool),
        layers.flatten(),
        layers.dense({ units: 1024, activation: 'relu' }),
        layers.dropout({ rate: 0.4 }),
        layers.dense({ units: 10 }),
      ],
    }),
  MLP: ({ layers, sequential }) =>
    sequential({
      layers: [
        layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
        layers.dense({ units: 10 }),
      ],
    }),
};

const BATCH = 56;

export const createTrainingStep = (tf, name) => {
  const model = benchNetworks[name](tf);
  const optimizer = tf.train.sgd(0.001);
  const images = tf.randomUniform([BATCH, 784], 0, 1, 'float32', 1);
  const digits = Array.from({ length: BATCH }, (_, index) => index % 10);
  const labels = tf.tensor1d(digits, 'int32');
  return () => {
    const loss = optimizer.minimize(() => {
      const logits = model.apply(images, { training: true });
      return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 10), logits).asScalar();
    }, true);
    const [value = Number.NaN] = loss?.dataSync() ?? [];
    loss?.dispose();
    return value;
  };
};
