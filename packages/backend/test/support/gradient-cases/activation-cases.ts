import * as tf from '@tensorflow/tfjs';
import type { GradientCase, GradientCases } from './gradient-case';

const unary = (run: (x: tf.Tensor) => tf.Tensor, python: string): GradientCase => ({
  shapes: [[3, 4]],
  run: (x) => run(x as tf.Tensor),
  python,
});

const keras =
  (activation: 'hardSigmoid' | 'softsign' | 'swish' | 'mish' | 'gelu' | 'gelu_new') =>
  (x: tf.Tensor): tf.Tensor =>
    tf.layers.activation({ activation }).apply(x) as tf.Tensor;

export const activationGradients: GradientCases = {
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
  clipByValue: unary((x) => tf.clipByValue(x, -0.5, 0.4), 'tf.clip_by_value(x[0], -0.5, 0.4)'),
  hardSigmoid: unary(keras('hardSigmoid'), 'tf.clip_by_value(x[0] * 0.2 + 0.5, 0.0, 1.0)'),
  softsign: unary(keras('softsign'), 'tf.nn.softsign(x[0])'),
  swish: unary(keras('swish'), 'tf.nn.swish(x[0])'),
  mish: unary(keras('mish'), 'x[0] * tf.tanh(tf.nn.softplus(x[0]))'),
  gelu: unary(keras('gelu'), 'tf.nn.gelu(x[0], approximate=False)'),
  'gelu by tanh': unary(keras('gelu_new'), 'tf.nn.gelu(x[0], approximate=True)'),
  'thresholded ReLU': unary(
    (x) => tf.layers.thresholdedReLU({ theta: 0.2 }).apply(x) as tf.Tensor,
    'tf.where(x[0] > 0.2, x[0], 0.0)',
  ),
};
