import type * as Tfjs from '@tensorflow/tfjs';
import type * as Elistimator from 'elistimator';

export const BATCH = 56;

/** A batch of MNIST: `[batch, 784]` pixels in 0..255 and `[batch]` digits. */
export interface MnistBatch {
  readonly images: Tfjs.Tensor2D;
  readonly labels: Tfjs.Tensor1D;
}

/** The packages that a model function uses, of this checkout or of another one. */
export interface Libraries {
  readonly tf: typeof Tfjs;
  readonly elistimator: typeof Elistimator;
}

export type NetworkName = 'mlp' | 'cnn';

export const lossOf = (tf: typeof Tfjs, labels: Tfjs.Tensor1D, logits: Tfjs.Tensor): Tfjs.Scalar =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 10), logits) as Tfjs.Scalar;

/** The model functions that are measured: an MLP 784-128-10 and a convolutional network for MNIST, by SGD. */
export const createModelFns = ({
  tf,
  elistimator: { defineModelFn, layers, TrainSpec },
}: Libraries) => {
  const optimizer = () => tf.train.sgd(0.001);
  const trainOnly = ({ labels }: MnistBatch, logits: Tfjs.Tensor) =>
    [new TrainSpec({ loss: () => lossOf(tf, labels, logits), optimizer }), null, null] as const;
  return {
    mlp: defineModelFn((batch: MnistBatch) => {
      const hidden = layers.dense(batch.images, { units: 128, activation: 'relu' });
      return trainOnly(batch, layers.dense(hidden, { units: 10 }));
    }),
    cnn: defineModelFn((batch: MnistBatch, isTraining: boolean) => {
      const input = tf.reshape(batch.images, [-1, 28, 28, 1]);
      const conv = { kernelSize: 5, padding: 'same', activation: 'relu' } as const;
      const pool = { poolSize: 2, strides: 2 } as const;
      const pool1 = layers.maxPooling2d(layers.conv2d(input, { filters: 32, ...conv }), pool);
      const pool2 = layers.maxPooling2d(layers.conv2d(pool1, { filters: 64, ...conv }), pool);
      const dense = layers.dense(layers.flatten(pool2), { units: 1024, activation: 'relu' });
      const dropped = layers.dropout(dense, { rate: 0.4, training: isTraining });
      return trainOnly(batch, layers.dense(dropped, { units: 10 }));
    }),
  };
};
