import * as tf from '@tensorflow/tfjs';

type Images = tf.Tensor4D;
type Volumes = tf.Tensor5D;

/** One function, in tfjs and in Python TensorFlow, where its inputs are x[0], x[1] and so on. */
export interface GradientCase {
  readonly shapes: readonly (readonly number[])[];
  readonly run: (...x: tf.Tensor[]) => tf.Tensor;
  readonly python: string;
  /** How many of the inputs, from the first, a gradient is asked for; all when left out. */
  readonly differentiate?: number;
}

const unary = (run: (x: tf.Tensor) => tf.Tensor, python: string): GradientCase => ({
  shapes: [[3, 4]],
  run: (x) => run(x as tf.Tensor),
  python,
});

/** A recurrent layer: after x come the weights of x, those of the state, and the bias. */
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

/** What the layers and losses of tfjs are made of. */
export const gradientCases: Readonly<Record<string, GradientCase>> = {
  'conv2d, same': {
    shapes: [
      [2, 7, 6, 3],
      [3, 2, 3, 4],
    ],
    run: (x, w) => tf.conv2d(x as Images, w as Images, 1, 'same'),
    python: "tf.nn.conv2d(x[0], x[1], 1, 'SAME')",
  },
  'conv2d with strides': {
    shapes: [
      [2, 9, 8, 3],
      [3, 3, 3, 4],
    ],
    run: (x, w) => tf.conv2d(x as Images, w as Images, [2, 3], 'same'),
    python: "tf.nn.conv2d(x[0], x[1], [2, 3], 'SAME')",
  },
  'conv2d with explicit padding': {
    shapes: [
      [2, 6, 5, 2],
      [3, 3, 2, 3],
    ],
    run: (x, w) =>
      tf.conv2d(x as Images, w as Images, 2, [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ]),
    python: 'tf.nn.conv2d(x[0], x[1], 2, [[0, 0], [1, 2], [0, 1], [0, 0]])',
  },
  conv2dTranspose: {
    shapes: [
      [2, 4, 5, 3],
      [3, 3, 2, 3],
    ],
    run: (x, w) => tf.conv2dTranspose(x as Images, w as Images, [2, 8, 10, 2], 2, 'same'),
    python: "tf.nn.conv2d_transpose(x[0], x[1], [2, 8, 10, 2], 2, 'SAME')",
  },
  depthwiseConv2d: {
    shapes: [
      [2, 7, 7, 3],
      [3, 3, 3, 2],
    ],
    run: (x, w) => tf.depthwiseConv2d(x as Images, w as Images, 2, 'same'),
    python: "tf.nn.depthwise_conv2d(x[0], x[1], [1, 2, 2, 1], 'SAME')",
  },
  'depthwiseConv2d without strides': {
    shapes: [
      [2, 6, 5, 3],
      [3, 2, 3, 1],
    ],
    run: (x, w) => tf.depthwiseConv2d(x as Images, w as Images, 1, 'valid'),
    python: "tf.nn.depthwise_conv2d(x[0], x[1], [1, 1, 1, 1], 'VALID')",
  },
  separableConv2d: {
    shapes: [
      [2, 6, 6, 2],
      [3, 3, 2, 2],
      [1, 1, 4, 5],
    ],
    run: (x, depth, point) =>
      tf.separableConv2d(x as Images, depth as Images, point as Images, 1, 'same'),
    python: "tf.nn.separable_conv2d(x[0], x[1], x[2], [1, 1, 1, 1], 'SAME')",
  },
  conv3d: {
    shapes: [
      [2, 4, 5, 4, 2],
      [2, 2, 2, 2, 3],
    ],
    run: (x, w) => tf.conv3d(x as Volumes, w as Volumes, 1, 'same'),
    python: "tf.nn.conv3d(x[0], x[1], [1, 1, 1, 1, 1], 'SAME')",
  },
  maxPool: {
    shapes: [[2, 7, 6, 3]],
    run: (x) => tf.maxPool(x as Images, 3, 2, 'same'),
    python: "tf.nn.max_pool2d(x[0], 3, 2, 'SAME')",
  },
  avgPool: {
    shapes: [[2, 7, 6, 3]],
    run: (x) => tf.avgPool(x as Images, 3, 2, 'same'),
    python: "tf.nn.avg_pool2d(x[0], 3, 2, 'SAME')",
  },
  maxPool3d: {
    shapes: [[2, 5, 4, 6, 2]],
    run: (x) => tf.maxPool3d(x as Volumes, 2, 2, 'same'),
    python: "tf.nn.max_pool3d(x[0], 2, 2, 'SAME')",
  },
  avgPool3d: {
    shapes: [[2, 4, 4, 6, 2]],
    run: (x) => tf.avgPool3d(x as Volumes, 2, 2, 'valid'),
    python: "tf.nn.avg_pool3d(x[0], 2, 2, 'VALID')",
  },
  'upsampling by the nearest': {
    shapes: [[2, 3, 4, 2]],
    run: (x) => tf.image.resizeNearestNeighbor(x as Images, [6, 8]),
    python: 'tf.compat.v1.image.resize_nearest_neighbor(x[0], [6, 8])',
  },
  'upsampling, bilinear': {
    shapes: [[2, 3, 4, 2]],
    run: (x) => tf.image.resizeBilinear(x as Images, [6, 8]),
    python: 'tf.compat.v1.image.resize_bilinear(x[0], [6, 8])',
  },
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
  elu: unary(tf.elu, 'tf.nn.elu(x[0])'),
  leakyRelu: unary((x) => tf.leakyRelu(x, 0.2), 'tf.nn.leaky_relu(x[0], 0.2)'),
  relu: unary(tf.relu, 'tf.nn.relu(x[0])'),
  relu6: unary((x) => tf.relu6(tf.mul(x, 9)), 'tf.nn.relu6(x[0] * 9)'),
  selu: unary(tf.selu, 'tf.nn.selu(x[0])'),
  sigmoid: unary(tf.sigmoid, 'tf.nn.sigmoid(x[0])'),
  softmax: unary((x) => tf.softmax(x), 'tf.nn.softmax(x[0])'),
  logSoftmax: unary((x) => tf.logSoftmax(x), 'tf.nn.log_softmax(x[0])'),
  softplus: unary(tf.softplus, 'tf.nn.softplus(x[0])'),
  tanh: unary(tf.tanh, 'tf.nn.tanh(x[0])'),
  prelu: {
    shapes: [[3, 4], [4]],
    run: (x, alpha) => tf.prelu(x as tf.Tensor, alpha as tf.Tensor),
    python: 'tf.nn.relu(x[0]) - x[1] * tf.nn.relu(-x[0])',
  },
  sigmoidCrossEntropy: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (labels, logits) =>
      tf.losses.sigmoidCrossEntropy(tf.sigmoid(labels as tf.Tensor), logits as tf.Tensor),
    python: 'tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.sigmoid(x[0]), x[1]))',
  },
  softmaxCrossEntropy: {
    shapes: [[3, 4]],
    run: (logits) =>
      tf.losses.softmaxCrossEntropy(
        tf.oneHot(tf.tensor1d([0, 3, 1], 'int32'), 4),
        logits as tf.Tensor,
      ),
    python: 'tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits([0, 3, 1], x[0]))',
  },
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
};
