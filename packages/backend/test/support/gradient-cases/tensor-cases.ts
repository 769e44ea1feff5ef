import * as tf from '@tensorflow/tfjs';
import type { GradientCase, GradientCases } from './gradient-case';

type Images = tf.Tensor4D;

/** A recurrent layer. Inputs: x, the weights of x, those of the state, and the bias. */
const recurrent = (make: () => tf.layers.Layer, gates: number, python: string): GradientCase => ({
  shapes: [[2, 5, 3], [3, 4 * gates], [4, 4 * gates], [4 * gates]],
  differentiate: 1,
  run: (x, ...weights) => {
    const layer = make();
    layer.apply(tf.zeros([2, 5, 3]));
    layer.setWeights(weights);
    return layer.apply(x as tf.Tensor) as tf.Tensor;
  },
  python,
});

export const tensorGradients: GradientCases = {
  matMul: {
    shapes: [
      [5, 7],
      [7, 3],
    ],
    run: (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor),
    python: 'tf.matmul(x[0], x[1])',
  },
  'matMul, large and transposed': {
    shapes: [
      [60, 70],
      [50, 70],
    ],
    run: (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor, false, true),
    python: 'tf.matmul(x[0], x[1], transpose_b=True)',
  },
  'matMul of batches': {
    shapes: [
      [3, 40, 50],
      [3, 40, 45],
    ],
    run: (a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor, true, false),
    python: 'tf.matmul(x[0], x[1], transpose_a=True)',
  },
  einsum: {
    shapes: [
      [2, 5, 3, 4],
      [2, 6, 3, 4],
    ],
    run: (a, b) => tf.einsum('aecd,abcd->acbe', a as tf.Tensor, b as tf.Tensor),
    python: "tf.einsum('aecd,abcd->acbe', x[0], x[1])",
  },
  'batch normalization': {
    shapes: [[4, 3, 3, 2], [2], [2]],
    run: (x, scale, offset) => {
      const { mean, variance } = tf.moments(x as tf.Tensor, [0, 1, 2]);
      return tf.batchNorm(
        x as Images,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        0.001,
      );
    },
    python: 'tf.nn.batch_normalization(x[0], *tf.nn.moments(x[0], [0, 1, 2]), x[2], x[1], 0.001)',
  },
  'layer normalization': {
    shapes: [[4, 6], [6], [6]],
    run: (x, scale, offset) => {
      const { mean, variance } = tf.moments(x as tf.Tensor, -1, true);
      const scaled = tf.mul(tf.sub(x as tf.Tensor, mean), tf.rsqrt(tf.add(variance, 0.001)));
      return tf.add(tf.mul(scaled, scale as tf.Tensor), offset as tf.Tensor);
    },
    python:
      'tf.nn.batch_normalization(x[0], *tf.nn.moments(x[0], [-1], keepdims=True), x[2], x[1], 0.001)',
  },
  embedding: {
    shapes: [[10, 3]],
    run: (x) =>
      tf.gather(
        x as tf.Tensor,
        tf.tensor2d(
          [
            [1, 7, 1],
            [0, 9, 7],
          ],
          [2, 3],
          'int32',
        ),
      ),
    python: 'tf.gather(x[0], [[1, 7, 1], [0, 9, 7]])',
  },
  lstm: recurrent(
    () => tf.layers.lstm({ units: 4, recurrentActivation: 'sigmoid', returnSequences: true }),
    4,
    'recurrent("LSTM", x, recurrent_activation="sigmoid")',
  ),
  gru: recurrent(
    () => tf.layers.gru({ units: 4, recurrentActivation: 'sigmoid', returnSequences: true }),
    3,
    'recurrent("GRU", x, recurrent_activation="sigmoid", reset_after=False)',
  ),
  'sums, means and broadcasting': {
    shapes: [[2, 3, 4], [4]],
    run: (x, y) =>
      tf.div(
        tf.sum(tf.mul(x as tf.Tensor, y as tf.Tensor), 1),
        tf.add(tf.square(tf.mean(x as tf.Tensor, [0, 1])), 1),
      ),
    python: 'tf.reduce_sum(x[0] * x[1], 1) / (tf.reduce_mean(x[0], [0, 1]) ** 2 + 1)',
  },
  'slices and joins': {
    shapes: [
      [4, 6],
      [4, 2],
    ],
    run: (x, y) =>
      tf.concat(
        [
          tf.slice(x as tf.Tensor, [0, 1], [4, 3]),
          tf.reverse(y as tf.Tensor, 0),
          tf.pad(y as tf.Tensor, [
            [0, 0],
            [1, 2],
          ]),
        ],
        1,
      ),
    python: 'tf.concat([x[0][:, 1:4], tf.reverse(x[1], [0]), tf.pad(x[1], [[0, 0], [1, 2]])], 1)',
  },
  'products with a bias, fused': {
    shapes: [[5, 7], [7, 3], [3]],
    run: (a, b, bias) =>
      tf.fused.matMul({ a: a as tf.Tensor, b: b as tf.Tensor, bias: bias as tf.Tensor }),
    python: 'tf.matmul(x[0], x[1]) + x[2]',
  },
  'roots, exponents and logarithms': {
    shapes: [[3, 4]],
    run: (x) => {
      const positive = tf.add(tf.exp(tf.neg(x as tf.Tensor)), tf.abs(x as tf.Tensor));
      return tf.add(
        tf.mul(tf.sqrt(positive), tf.rsqrt(tf.add(positive, 1))),
        tf.add(tf.log(positive), tf.log1p(positive)),
      );
    },
    python:
      '(lambda p: tf.sqrt(p) * tf.math.rsqrt(p + 1) + tf.math.log(p) + tf.math.log1p(p))(tf.exp(-x[0]) + tf.abs(x[0]))',
  },
  'largest and smallest': {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (x, y) => {
      const [a, b] = [x as tf.Tensor, y as tf.Tensor];
      const pairs = tf.add(tf.maximum(a, b), tf.mul(tf.minimum(a, b), 3));
      return tf.add(pairs, tf.add(tf.max(a, 1, true), tf.min(b, 0, true)));
    },
    python:
      'tf.maximum(x[0], x[1]) + 3 * tf.minimum(x[0], x[1]) + tf.reduce_max(x[0], 1, keepdims=True) + tf.reduce_min(x[1], 0, keepdims=True)',
  },
  'a choice by comparison': {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (x, y) => {
      const [a, b] = [x as tf.Tensor, y as tf.Tensor];
      const near = tf.logicalAnd(tf.greater(a, -0.5), tf.lessEqual(a, b));
      return tf.where(tf.logicalOr(near, tf.equal(b, 0)), tf.square(a), tf.mul(a, b));
    },
    python: 'tf.where(((x[0] > -0.5) & (x[0] <= x[1])) | (x[1] == 0), x[0] ** 2, x[0] * x[1])',
  },
  'masks in the middle of a net': {
    shapes: [[3, 4]],
    run: (x) => tf.layers.masking({ maskValue: 0 }).apply(tf.relu(x as tf.Tensor)) as tf.Tensor,
    python: 'tf.nn.relu(x[0]) * tf.cast(tf.reduce_any(x[0] > 0, -1, keepdims=True), tf.float32)',
  },
  'splits, stacks and tiles': {
    shapes: [[4, 6]],
    run: (x) => {
      const [first, second] = tf.split(x as tf.Tensor, [2, 4], 1) as [tf.Tensor, tf.Tensor];
      const squares = tf.squeeze(tf.square(tf.expandDims(second, 1)), [1]);
      const rows = tf.stack(tf.unstack(squares).toReversed());
      return tf.concat(
        [tf.tile(first, [1, 2]), rows, tf.transpose(x as tf.Tensor).slice([0, 0], [4, 4])],
        1,
      );
    },
    python:
      'tf.concat([tf.tile(x[0][:, :2], [1, 2]), tf.reverse(x[0][:, 2:] ** 2, [0]), tf.transpose(x[0])[:4, :]], 1)',
  },
  'batches and space': {
    shapes: [[2, 4, 6, 3]],
    run: (x) => {
      const batches = tf.square(
        tf.spaceToBatchND(
          x as Images,
          [2, 2],
          [
            [0, 0],
            [1, 1],
          ],
        ),
      );
      return tf.batchToSpaceND(
        tf.relu(batches),
        [2, 2],
        [
          [1, 0],
          [0, 1],
        ],
      );
    },
    python:
      'tf.batch_to_space(tf.nn.relu(tf.space_to_batch(x[0], [2, 2], [[0, 0], [1, 1]]) ** 2), [2, 2], [[1, 0], [0, 1]])',
  },
};
