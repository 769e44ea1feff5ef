import * as tf from '@tensorflow/tfjs';
import { type GradientCases, unsupportedByTensorflow } from './gradient-case';

type Images = tf.Tensor4D;
type Volumes = tf.Tensor5D;

export const convolutionGradients: GradientCases = {
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
    fails: unsupportedByTensorflow('tfjs-node does not support explicit padding'),
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
  'conv1d with dilations': {
    shapes: [
      [2, 9, 3],
      [3, 3, 4],
    ],
    run: (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, 1, 'same', 'NWC', 2),
    python: "tf.nn.convolution(x[0], x[1], padding='SAME', dilations=[2])",
  },
  'conv2d with dilations': {
    shapes: [
      [2, 9, 8, 3],
      [3, 2, 3, 4],
    ],
    run: (x, w) => tf.conv2d(x as Images, w as Images, 1, 'same', 'NHWC', [2, 3]),
    python: "tf.nn.convolution(x[0], x[1], padding='SAME', dilations=[2, 3])",
  },
  'conv2d with channels first': {
    fails: unsupportedByTensorflow('TensorFlow supports channels first only on a GPU'),
    shapes: [
      [2, 3, 6, 5],
      [3, 2, 3, 4],
    ],
    run: (x, w) => tf.conv2d(x as Images, w as Images, 2, 'same', 'NCHW'),
    python:
      "tf.transpose(tf.nn.conv2d(tf.transpose(x[0], [0, 2, 3, 1]), x[1], 2, 'SAME'), [0, 3, 1, 2])",
  },
  'conv2d with a bias, fused': {
    shapes: [[2, 6, 5, 2], [3, 3, 2, 3], [3]],
    run: (x, filter, bias) =>
      tf.fused.conv2d({
        x: x as Images,
        filter: filter as Images,
        bias: bias as tf.Tensor1D,
        strides: 1,
        pad: 'same',
        activation: 'linear',
      }),
    python: "tf.nn.conv2d(x[0], x[1], 1, 'SAME') + x[2]",
  },
  'depthwiseConv2d with dilations': {
    fails: unsupportedByTensorflow('TensorFlow has no such kernel for CPUs'),
    shapes: [
      [2, 9, 8, 3],
      [3, 2, 3, 2],
    ],
    run: (x, w) => tf.depthwiseConv2d(x as Images, w as Images, 1, 'valid', 'NHWC', [2, 2]),
    python: "tf.nn.depthwise_conv2d(x[0], x[1], [1, 1, 1, 1], 'VALID', dilations=[2, 2])",
  },
  'conv3d with dilations': {
    fails: unsupportedByTensorflow('TensorFlow has no such kernel for CPUs'),
    shapes: [
      [2, 5, 6, 5, 2],
      [2, 3, 2, 2, 3],
    ],
    run: (x, w) => tf.conv3d(x as Volumes, w as Volumes, 1, 'same', 'NDHWC', [1, 2, 2]),
    python: "tf.nn.convolution(x[0], x[1], padding='SAME', dilations=[1, 2, 2])",
  },
  'conv3d with strides': {
    shapes: [
      [2, 5, 6, 5, 2],
      [2, 3, 2, 2, 3],
    ],
    run: (x, w) => tf.conv3d(x as Volumes, w as Volumes, [1, 2, 3], 'same'),
    python: "tf.nn.conv3d(x[0], x[1], [1, 1, 2, 3, 1], 'SAME')",
  },
  conv3dTranspose: {
    shapes: [
      [2, 3, 3, 3, 3],
      [2, 3, 2, 2, 3],
    ],
    run: (x, w) => tf.conv3dTranspose(x as Volumes, w as Volumes, [2, 6, 6, 6, 2], 2, 'same'),
    python: "tf.nn.conv3d_transpose(x[0], x[1], [2, 6, 6, 6, 2], 2, 'SAME')",
  },
};
