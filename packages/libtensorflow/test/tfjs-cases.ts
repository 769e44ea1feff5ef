import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs';
import type { Tf } from './tfjs';

/** A computation on two inputs, `a` [2, 4, 4, 3] and `b` of the same shape, both between 0.1 and 0.9. */
export type Case = (tf: Tf, a: Tensor4D, b: Tensor4D) => Tensor;

const filter = (tf: Tf): Tensor4D => tf.linspace(-1, 1, 3 * 3 * 3 * 2).reshape([3, 3, 3, 2]);
const rows = (tensor: Tensor): Tensor2D => tensor.reshape([8, 12]);

/** Cases whose gradients are compared too. */
export const differentiable: Readonly<Record<string, Case>> = {
  add: (tf, a, b) => tf.add(a, b.slice([0, 0, 0, 0], [1, 4, 4, 1])),
  sub: (tf, a, b) => tf.sub(a, b),
  mul: (tf, a, b) => tf.mul(a, b),
  div: (tf, a, b) => tf.div(a, b),
  pow: (tf, a, b) => tf.pow(a, b),
  maximum: (tf, a, b) => tf.maximum(a, b),
  minimum: (tf, a, b) => tf.minimum(a, b),
  squaredDifference: (tf, a, b) => tf.squaredDifference(a, b),
  atan2: (tf, a, b) => tf.atan2(a, b),
  abs: (tf, a) => tf.abs(tf.sub(a, 0.5)),
  exp: (tf, a) => tf.exp(a),
  expm1: (tf, a) => tf.expm1(a),
  log: (tf, a) => tf.log(a),
  log1p: (tf, a) => tf.log1p(a),
  sqrt: (tf, a) => tf.sqrt(a),
  rsqrt: (tf, a) => tf.rsqrt(a),
  square: (tf, a) => tf.square(a),
  sin: (tf, a) => tf.sin(a),
  cos: (tf, a) => tf.cos(a),
  tan: (tf, a) => tf.tan(a),
  asin: (tf, a) => tf.asin(a),
  acosh: (tf, a) => tf.acosh(tf.add(a, 1)),
  sinh: (tf, a) => tf.sinh(a),
  tanh: (tf, a) => tf.tanh(a),
  erf: (tf, a) => tf.erf(a),
  sigmoid: (tf, a) => tf.sigmoid(a),
  logSigmoid: (tf, a) => tf.logSigmoid(a),
  softplus: (tf, a) => tf.softplus(a),
  relu: (tf, a) => tf.relu(tf.sub(a, 0.5)),
  relu6: (tf, a) => tf.relu6(tf.mul(a, 9)),
  leakyRelu: (tf, a) => tf.leakyRelu(tf.sub(a, 0.5), 0.1),
  prelu: (tf, a, b) => tf.prelu(tf.sub(a, 0.5), b),
  elu: (tf, a) => tf.elu(tf.sub(a, 0.5)),
  selu: (tf, a) => tf.selu(tf.sub(a, 0.5)),
  clipByValue: (tf, a) => tf.clipByValue(a, 0.3, 0.6),
  softmax: (tf, a) => tf.softmax(a),
  logSoftmax: (tf, a) => tf.logSoftmax(a),
  sum: (tf, a) => tf.sum(a, [1, 3]),
  mean: (tf, a) => tf.mean(a, [0, 2], true),
  max: (tf, a) => tf.max(a, 3),
  min: (tf, a) => tf.min(a, 1),
  prod: (tf, a) => tf.prod(a, 3),
  logSumExp: (tf, a) => tf.logSumExp(a, 2),
  cumsum: (tf, a) => tf.cumsum(a, 3, true, true),
  matMul: (tf, a, b) => tf.matMul(rows(a), rows(b), false, true),
  batchMatMul: (tf, a, b) => tf.matMul(a.reshape([2, 4, 12]), b.reshape([2, 4, 12]), true),
  dot: (tf, a, b) => tf.dot(a.flatten(), b.flatten()),
  transpose: (tf, a) => tf.transpose(a, [3, 0, 2, 1]),
  reshape: (_, a) => a.reshape([3, 32]),
  concat: (tf, a, b) => tf.concat([a, b], 2),
  stack: (tf, a, b) => tf.stack([a, b], 1),
  split: (tf, a) => tf.split(a, [1, 3], 1)[1] as Tensor,
  slice: (tf, a) => tf.slice(a, [0, 1, 0, 1], [2, 2, 3, 1]),
  pad: (tf, a) =>
    tf.pad(
      a,
      [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ],
      0.5,
    ),
  mirrorPad: (tf, a) =>
    tf.mirrorPad(
      a,
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      'reflect',
    ),
  tile: (tf, a) => tf.tile(a, [1, 2, 1, 3]),
  reverse: (tf, a) => tf.reverse(a, [1, 3]),
  gather: (tf, a) => tf.gather(a, tf.tensor1d([3, 0, 0], 'int32'), 1),
  expandDims: (tf, a) => tf.expandDims(a, 2),
  unstack: (tf, a) => tf.unstack(a, 1)[2] as Tensor,
  spaceToBatchND: (tf, a) =>
    tf.spaceToBatchND(
      a,
      [2, 2],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  conv2d: (tf, a) => tf.conv2d(a, filter(tf), [2, 1], 'same'),
  conv2dTranspose: (tf, a) => tf.conv2dTranspose(a, tf.ones([2, 2, 2, 3]), [2, 8, 8, 2], 2, 'same'),
  depthwiseConv2d: (tf, a) => tf.depthwiseConv2d(a, filter(tf), 1, 'valid'),
  separableConv2d: (tf, a) => tf.separableConv2d(a, filter(tf), tf.ones([1, 1, 6, 2]), 1, 'same'),
  conv1d: (tf, a) => tf.conv1d(a.reshape<Tensor3D>([2, 16, 3]), tf.ones([3, 3, 2]), 1, 'same'),
  conv3d: (tf, a) =>
    tf.conv3d(a.reshape<Tensor5D>([1, 2, 4, 4, 3]), tf.ones([2, 2, 2, 3, 1]), 1, 'same'),
  maxPool: (tf, a) => tf.maxPool(a, 2, 2, 'same'),
  avgPool: (tf, a) => tf.avgPool(a, 3, 1, 'valid'),
  avgPool3d: (tf, a) => tf.avgPool3d(a.reshape<Tensor5D>([1, 2, 4, 4, 3]), 2, 1, 'valid'),
  batchNorm: (tf, a) =>
    tf.batchNorm(
      a,
      tf.tensor1d([0.4, 0.5, 0.6]),
      tf.tensor1d([1, 2, 3]),
      tf.ones([3]),
      tf.ones([3]),
    ),
  localResponseNormalization: (tf, a) => tf.localResponseNormalization(a, 2),
  resizeBilinear: (tf, a) => tf.image.resizeBilinear(a, [7, 5], true),
  softmaxCrossEntropy: (tf, a, b) => tf.losses.softmaxCrossEntropy(tf.softmax(rows(b)), rows(a)),
};

/** Cases that have no gradient in TensorFlow.js, or one that differs between its backends. */
export const forwardOnly: Readonly<Record<string, Case>> = {
  divNoNan: (tf, a, b) => tf.divNoNan(a, b),
  where: (tf, a, b) => tf.where(tf.greater(a, b), a, b),
  stridedSlice: (tf, a) => tf.stridedSlice(a, [0, 0, 0, 0], [2, 4, 4, 3], [1, 2, 3, 1]),
  conv2dExplicit: (tf, a) =>
    tf.conv2d(a, filter(tf), 1, [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ]),
  resizeNearestNeighbor: (tf, a) => tf.image.resizeNearestNeighbor(a, [8, 2]),
  einsum: (tf, a, b) => tf.einsum('ij,kj->ik', rows(a), rows(b)),
  avgPoolSame: (tf, a) => tf.avgPool(a, 3, 1, 'same'),
  argMax: (tf, a) => tf.argMax(a, 2),
  argMin: (tf, a) => tf.argMin(a, 1),
  topk: (tf, a) => tf.topk(a, 2).values,
  topkIndices: (tf, a) => tf.topk(a, 2).indices,
  equal: (tf, a, b) => tf.equal(tf.round(a), tf.round(b)),
  less: (tf, a, b) => tf.less(a, b),
  logicalAnd: (tf, a, b) => tf.logicalAnd(tf.greater(a, 0.3), tf.less(b, 0.7)),
  any: (tf, a) => tf.any(tf.greater(a, 0.8), [1, 2]),
  all: (tf, a) => tf.all(tf.greater(a, 0.2), 3),
  floor: (tf, a) => tf.floor(tf.mul(a, 10)),
  ceil: (tf, a) => tf.ceil(tf.mul(a, 10)),
  sign: (tf, a) => tf.sign(tf.sub(a, 0.5)),
  cast: (tf, a) => tf.cast(tf.mul(a, 100), 'int32'),
  toBool: (tf, a) => tf.cast(tf.floor(tf.mul(a, 2)), 'bool'),
  mod: (tf, a, b) => tf.mod(tf.mul(a, 9), b),
  floorDiv: (tf, a) => tf.floorDiv(tf.cast(tf.mul(a, 100), 'int32'), tf.scalar(7, 'int32')),
  oneHot: (tf, a) => tf.oneHot(tf.cast(tf.mul(a, 5), 'int32'), 5, 2, -1),
  gatherND: (tf, a) =>
    tf.gatherND(
      a,
      tf.tensor2d(
        [
          [0, 1],
          [1, 3],
        ],
        [2, 2],
        'int32',
      ),
    ),
  scatterND: (tf, a) =>
    tf.scatterND(tf.tensor2d([[4], [1]], [2, 1], 'int32'), rows(a).slice(0, 2), [8, 12]),
  unsortedSegmentSum: (tf, a) =>
    tf.unsortedSegmentSum(rows(a), tf.tensor1d([0, 2, 2, 0, 1, 1, 0, 2], 'int32'), 3),
  bincount: (tf, a) =>
    tf.bincount(tf.cast(tf.mul<Tensor1D>(a.flatten(), 5), 'int32'), tf.tensor1d([]), 6),
  linspace: (tf) => tf.linspace(0, 1, 7),
  range: (tf) => tf.range(5, -3, -2, 'int32'),
  fill: (tf) => tf.fill([2, 3], 4),
  nonMaxSuppression: (tf, a) =>
    tf.image.nonMaxSuppression(a.reshape<Tensor2D>([24, 4]), a.flatten().slice(0, 24), 5),
  cropAndResize: (tf, a) =>
    tf.image.cropAndResize(a, tf.tensor2d([[0, 0, 0.5, 0.5]]), tf.tensor1d([1], 'int32'), [3, 3]),
  real: (tf, a, b) => tf.real(tf.mul(tf.complex(a, b), tf.complex(b, a))),
  rfft: (tf, a) => tf.imag(tf.spectral.rfft(a.reshape([6, 16]))),
  isNaN: (tf, a) => tf.isNaN(a),
  unique: (tf, a) => tf.unique(tf.cast(tf.mul(a.flatten(), 5), 'int32')).values,
};
