import * as tf from '@tensorflow/tfjs';
import { Graph } from '../src/graph';
import { randomTensor } from '../src/random/random-tensor';
import { trace } from '../src/trace/trace';

const classes = 10;

/** A model in plain tfjs that can be trained. */
export interface Model {
  readonly inputs: Record<string, { shape: (number | null)[]; dtype?: tf.DataType }>;
  readonly variables: tf.Variable[];
  logits(images: tf.Tensor, training: boolean): tf.Tensor2D;
  /** Runs one training step on a batch and returns the loss. */
  step(batch: Record<string, tf.Tensor>): tf.Scalar;
}

let models = 0;

const variable = (scope: string, name: string, shape: number[], seed: number): tf.Variable => {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const stddev = shape.length > 1 ? 1 / Math.sqrt(size / (shape.at(-1) ?? 1)) : 0;
  return tf.tidy(() =>
    tf.variable(tf.randomNormal(shape, 0, stddev, 'float32', seed), true, `${scope}/${name}`),
  );
};

const lossOf = (labels: tf.Tensor, logits: tf.Tensor2D): tf.Scalar =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(labels as tf.Tensor1D, classes), logits).asScalar();

const trainable = (
  inputs: Model['inputs'],
  variables: tf.Variable[],
  logits: Model['logits'],
  optimizer: tf.Optimizer,
): Model => ({
  inputs,
  variables,
  logits,
  step: ({ images, labels }) => {
    const loss = optimizer.minimize(
      () => lossOf(labels as tf.Tensor, logits(images as tf.Tensor, true)),
      true,
      variables,
    );
    if (loss === null) throw new Error('minimize gave no loss');
    return loss;
  },
});

/** 784-128-10 with SGD: so small that most of a step is overhead. */
export const mlp = (optimizer: tf.Optimizer = tf.train.sgd(0.01)): Model => {
  const scope = `mlp${models++}`;
  const [w1, b1, w2, b2] = [
    variable(scope, 'dense/kernel', [784, 128], 1),
    variable(scope, 'dense/bias', [128], 2),
    variable(scope, 'dense_1/kernel', [128, classes], 3),
    variable(scope, 'dense_1/bias', [classes], 4),
  ] as [tf.Tensor2D, tf.Tensor, tf.Tensor2D, tf.Tensor];
  const logits = (images: tf.Tensor): tf.Tensor2D => {
    const hidden = tf.tidy('dense', () =>
      tf.relu(tf.add(tf.matMul(images as tf.Tensor2D, w1), b1)),
    );
    return tf.tidy('dense_1', () => tf.add(tf.matMul(hidden as tf.Tensor2D, w2), b2));
  };
  const inputs = {
    images: { shape: [null, 784] },
    labels: { shape: [null], dtype: 'int32' as const },
  };
  return trainable(inputs, [w1, b1, w2, b2] as unknown as tf.Variable[], logits, optimizer);
};

/** Two 5×5 convolutions with pools, a dense layer of 1024 with dropout, ten classes; on 28×28 images. */
export const cnn = (optimizer: tf.Optimizer = tf.train.sgd(0.001)): Model => {
  const scope = `cnn${models++}`;
  const [k1, c1, k2, c2, w1, b1, w2, b2] = [
    variable(scope, 'conv2d/kernel', [5, 5, 1, 32], 1),
    variable(scope, 'conv2d/bias', [32], 2),
    variable(scope, 'conv2d_1/kernel', [5, 5, 32, 64], 3),
    variable(scope, 'conv2d_1/bias', [64], 4),
    variable(scope, 'dense/kernel', [7 * 7 * 64, 1024], 5),
    variable(scope, 'dense/bias', [1024], 6),
    variable(scope, 'dense_1/kernel', [1024, classes], 7),
    variable(scope, 'dense_1/bias', [classes], 8),
  ] as unknown as [
    tf.Tensor4D,
    tf.Tensor,
    tf.Tensor4D,
    tf.Tensor,
    tf.Tensor2D,
    tf.Tensor,
    tf.Tensor2D,
    tf.Tensor,
  ];
  const convolve = (name: string, x: tf.Tensor4D, kernel: tf.Tensor4D, bias: tf.Tensor) =>
    tf.tidy(name, () => tf.relu(tf.add(tf.conv2d(x, kernel, 1, 'same'), bias))) as tf.Tensor4D;
  const logits = (images: tf.Tensor, training: boolean): tf.Tensor2D => {
    const input = tf.reshape(images, [-1, 28, 28, 1]) as tf.Tensor4D;
    const pool1 = tf.maxPool(convolve('conv2d', input, k1, c1), 2, 2, 'same');
    const pool2 = tf.maxPool(convolve('conv2d_1', pool1, k2, c2), 2, 2, 'same');
    const flat = tf.reshape(pool2, [-1, 7 * 7 * 64]) as tf.Tensor2D;
    const dense = tf.tidy('dense', () => tf.relu(tf.add(tf.matMul(flat, w1), b1)));
    const dropped = training ? tf.tidy('dropout', () => dropout(dense)) : dense;
    return tf.tidy('dense_1', () => tf.add(tf.matMul(dropped as tf.Tensor2D, w2), b2));
  };
  const inputs = {
    images: { shape: [null, 784] },
    labels: { shape: [null], dtype: 'int32' as const },
  };
  const variables = [k1, c1, k2, c2, w1, b1, w2, b2] as unknown as tf.Variable[];
  return trainable(inputs, variables, logits, optimizer);
};

const dropout = (x: tf.Tensor): tf.Tensor => {
  const random = randomTensor({ distribution: 'uniform', shape: x.shape, seed: 1, index: 0 });
  const kept = tf.cast(tf.greaterEqual(random, 0.4), 'float32');
  return tf.mul(tf.mul(x, kept), 1 / 0.6);
};

/** Prediction, evaluation and training in one graph, as in a model directory. */
export const graphOf = ({ inputs, logits, step }: Model): Graph => {
  const { images = { shape: [] } } = inputs;
  const predict = trace(
    (features) => {
      const scores = logits(features.images as tf.Tensor, false);
      return { classes: tf.argMax(scores, 1), probabilities: tf.softmax(scores) };
    },
    { images },
    { name: 'predict' },
  );
  const evaluate = trace(
    (features) => {
      const scores = logits(features.images as tf.Tensor, false);
      const right = tf.equal(tf.argMax(scores, 1), features.labels as tf.Tensor);
      return { loss: lossOf(features.labels as tf.Tensor, scores), accuracy: tf.mean(right) };
    },
    inputs,
    { name: 'evaluate' },
  );
  const train = trace((batch) => ({ loss: step(batch) }), inputs, { name: 'train' });
  return Graph.merge([predict, evaluate, train]);
};

/** A batch for a model of 28×28 images and ten classes. */
export const batchOf = (size: number): { images: tf.Tensor; labels: tf.Tensor } => ({
  images: tf.randomUniform([size, 784], 0, 1, 'float32', size),
  labels: tf.tensor1d(
    Array.from({ length: size }, (_, index) => index % classes),
    'int32',
  ),
});
