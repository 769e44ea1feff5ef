import * as tf from '@tensorflow/tfjs';
import {
  defineModelFn,
  EvaluationSpec,
  layers,
  metrics,
  PredictSpec,
  TrainSpec,
} from 'elistimator';

/** A batch of MNIST: `images` are `[batch, 784]` pixels in 0..255, `labels` are `[batch]` digits. */
export interface MnistFeatures {
  readonly images: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
}

/** The size of the images, in pixels. */
export interface CnnParams {
  readonly imgHeight: number;
  readonly imgWidth: number;
}

/** The convolutional network of TensorFlow's MNIST tutorial. */
export const cnnModelFn = defineModelFn(
  (features: MnistFeatures, isTraining: boolean, params: CnnParams) => {
    const input = tf.reshape(features.images, [-1, params.imgHeight, params.imgWidth, 1]);
    const conv1 = layers.conv2d(input, {
      filters: 32,
      kernelSize: 5,
      padding: 'same',
      activation: 'relu',
    });
    const pool1 = layers.maxPooling2d(conv1, { poolSize: 2, strides: 2 });
    const conv2 = layers.conv2d(pool1, {
      filters: 64,
      kernelSize: 5,
      padding: 'same',
      activation: 'relu',
    });
    const pool2 = layers.maxPooling2d(conv2, { poolSize: 2, strides: 2 });
    const dense = layers.dense(layers.flatten(pool2), { units: 1024, activation: 'relu' });
    const dropped = layers.dropout(dense, { rate: 0.4, training: isTraining });
    const logits = layers.dense(dropped, { units: 10 });

    const classes = tf.argMax(logits, 1) as tf.Tensor1D;
    const probabilities = tf.softmax(logits) as tf.Tensor2D;
    const loss = tf.losses.softmaxCrossEntropy(tf.oneHot(features.labels, 10), logits);
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.001) }),
      new EvaluationSpec({
        loss,
        metrics: {
          accuracy: metrics.accuracy({ labels: features.labels, predictions: classes }),
        },
      }),
      new PredictSpec({ output: { classes, probabilities } }),
    ];
  },
);
