import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from './tfjs';

/** An operation on `x` [2, 3, 4] and `y` of the same shape, of any dtype. */
export type AnyDTypeCase = (tf: Tf, x: Tensor3D, y: Tensor3D) => Tensor;

const unaryNames = [
  'abs',
  'acos',
  'acosh',
  'asin',
  'asinh',
  'atan',
  'atanh',
  'ceil',
  'cos',
  'cosh',
  'elu',
  'erf',
  'exp',
  'expm1',
  'floor',
  'isFinite',
  'isInf',
  'isNaN',
  'log',
  'log1p',
  'logicalNot',
  'logSigmoid',
  'neg',
  'reciprocal',
  'relu',
  'relu6',
  'round',
  'rsqrt',
  'selu',
  'sigmoid',
  'sign',
  'sin',
  'sinh',
  'softplus',
  'sqrt',
  'square',
  'step',
  'tan',
  'tanh',
] as const;

const binary: Readonly<Record<string, AnyDTypeCase>> = {
  add: (tf, x, y) => tf.add(x, y),
  atan2: (tf, x, y) => tf.atan2(x, y),
  bitwiseAnd: (tf, x, y) => tf.bitwiseAnd(x, y),
  div: (tf, x, y) => tf.div(x, y),
  divNoNan: (tf, x, y) => tf.divNoNan(x, y),
  equal: (tf, x, y) => tf.equal(x, y),
  floorDiv: (tf, x, y) => tf.floorDiv(x, y),
  greater: (tf, x, y) => tf.greater(x, y),
  greaterEqual: (tf, x, y) => tf.greaterEqual(x, y),
  less: (tf, x, y) => tf.less(x, y),
  lessEqual: (tf, x, y) => tf.lessEqual(x, y),
  logicalAnd: (tf, x, y) => tf.logicalAnd(x, y),
  logicalOr: (tf, x, y) => tf.logicalOr(x, y),
  logicalXor: (tf, x, y) => tf.logicalXor(x, y),
  maximum: (tf, x, y) => tf.maximum(x, y),
  minimum: (tf, x, y) => tf.minimum(x, y),
  mod: (tf, x, y) => tf.mod(x, y),
  mul: (tf, x, y) => tf.mul(x, y),
  notEqual: (tf, x, y) => tf.notEqual(x, y),
  pow: (tf, x, y) => tf.pow(x, y),
  prelu: (tf, x, y) => tf.prelu(x, y),
  squaredDifference: (tf, x, y) => tf.squaredDifference(x, y),
  sub: (tf, x, y) => tf.sub(x, y),
};

const reductionNames = [
  'all',
  'any',
  'argMax',
  'argMin',
  'cumprod',
  'cumsum',
  'logSumExp',
  'max',
  'mean',
  'min',
  'prod',
  'sum',
] as const;

const unary = Object.fromEntries(
  unaryNames.map((name): [string, AnyDTypeCase] => [name, (tf, x) => tf[name](x)]),
);

const reductions = Object.fromEntries(
  reductionNames.flatMap((name): [string, AnyDTypeCase][] => [
    [`${name} of the middle axis`, (tf, x) => tf[name](x, 1)],
  ]),
);

const withBatch = (x: Tensor3D): Tensor4D => x.expandDims(0);
const ints = (tf: Tf, values: number[], shape?: number[]): Tensor =>
  tf.tensor(values, shape, 'int32');

/** Operations that move values, or take further arguments. */
const others: Readonly<Record<string, AnyDTypeCase>> = {
  batchToSpaceND: (tf, x) =>
    tf.batchToSpaceND(
      x.reshape<Tensor4D>([2, 3, 4, 1]),
      [1, 2],
      [
        [0, 0],
        [1, 0],
      ],
    ),
  booleanMask: (tf, x) => tf.gather(x, tf.tensor1d([1, 0], 'int32')),
  broadcastTo: (tf, x) => tf.broadcastTo(x.slice(0, 1), [2, 3, 4]),
  'cast to bool': (tf, x) => tf.cast(x, 'bool'),
  'cast to float32': (tf, x) => tf.cast(x, 'float32'),
  'cast to int32': (tf, x) => tf.cast(x, 'int32'),
  'clipByValue to integers': (tf, x) => tf.clipByValue(x, -1, 1),
  'clipByValue to fractions': (tf, x) => tf.clipByValue(x, -0.5, 1.5),
  concat: (tf, x, y) => tf.concat([x, y], 1),
  depthToSpace: (tf, x) => tf.depthToSpace(withBatch(x), 2),
  diag: (tf, x) => tf.diag(x.flatten()),
  dot: (tf, x, y) => tf.dot(x.flatten(), y.flatten()),
  expandDims: (tf, x) => tf.expandDims(x, 1),
  fill: (tf, x) => tf.fill([3], 1, x.dtype),
  flipLeftRight: (tf, x) => tf.image.flipLeftRight(withBatch(x)),
  gather: (tf, x) => tf.gather(x, ints(tf, [2, 0]), 1),
  'gather along the last axis with batches': (tf, x) =>
    tf.gather(x, ints(tf, [2, 0, 1, 1], [2, 2]), 2, 1),
  gatherND: (tf, x) => tf.gatherND(x, ints(tf, [1, 2, 0, 1], [2, 2])),
  leakyRelu: (tf, x) => tf.leakyRelu(x, 0.5),
  'linalg.bandPart': (tf, x) => tf.linalg.bandPart(x, 1, 0),
  localResponseNormalization: (tf, x) => tf.localResponseNormalization(withBatch(x), 1),
  logSoftmax: (tf, x) => tf.logSoftmax(x),
  matMul: (tf, x, y) => tf.matMul(x, y, false, true),
  maxPool: (tf, x) => tf.maxPool(withBatch(x), 2, 1, 'valid'),
  avgPool: (tf, x) => tf.avgPool(withBatch(x), 2, 1, 'same'),
  mirrorPad: (tf, x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [1, 1],
        [1, 1],
      ],
      'reflect',
    ),
  'norm of order 1': (tf, x) => tf.norm(x, 1, 2),
  oneHot: (tf, x) => tf.oneHot(x.flatten(), 4),
  onesLike: (tf, x) => tf.onesLike(x),
  pad: (tf, x) =>
    tf.pad(
      x,
      [
        [0, 0],
        [1, 1],
        [2, 1],
      ],
      1,
    ),
  reshape: (_, x) => x.reshape([4, 6]),
  resizeBilinear: (tf, x) => tf.image.resizeBilinear(withBatch(x), [4, 6]),
  resizeNearestNeighbor: (tf, x) => tf.image.resizeNearestNeighbor(withBatch(x), [4, 6]),
  reverse: (tf, x) => tf.reverse(x, 1),
  scatterND: (tf, x) => tf.scatterND(ints(tf, [2, 0], [2, 1]), x, [3, 3, 4]),
  'scatterND to the same place': (tf, x) => tf.scatterND(ints(tf, [2, 2], [2, 1]), x, [3, 3, 4]),
  slice: (tf, x) => tf.slice(x, [0, 1, 1], [2, 2, 2]),
  softmax: (tf, x) => tf.softmax(x),
  spaceToBatchND: (tf, x) =>
    tf.spaceToBatchND(
      withBatch(x),
      [1, 2],
      [
        [0, 0],
        [1, 0],
      ],
    ),
  sparseToDense: (tf, x) =>
    tf.sparseToDense(ints(tf, [1, 3]), x.flatten().slice<Tensor1D>(0, 2), [5]),
  split: (tf, x) => tf.concat(tf.split(x, 2, 2), 0),
  stack: (tf, x, y) => tf.stack([x, y], 1),
  stridedSlice: (tf, x) => tf.stridedSlice(x, [0, 2, 0], [2, 0, 4], [1, -1, 2]),
  tensorScatterUpdate: (tf, x) => tf.tensorScatterUpdate(x, ints(tf, [1], [1, 1]), x.slice(0, 1)),
  tile: (tf, x) => tf.tile(x, [1, 2, 1]),
  'topk: indices': (tf, x) => tf.topk(x, 3).indices,
  'topk: values': (tf, x) => tf.topk(x, 3).values,
  transpose: (tf, x) => tf.transpose(x, [2, 0, 1]),
  'unique: values': (tf, x) => tf.unique(x.flatten()).values,
  'unique: indices': (tf, x) => tf.unique(x.flatten()).indices,
  unsortedSegmentSum: (tf, x) =>
    tf.unsortedSegmentSum(x.reshape([6, 4]), ints(tf, [0, 2, 2, 0, 1, 5]) as Tensor1D, 4),
  unstack: (tf, x) => tf.stack(tf.unstack(x, 1)),
  where: (tf, x, y) => tf.where(tf.tensor(mask, [2, 3, 4], 'bool'), x, y),
  zerosLike: (tf, x) => tf.zerosLike(x),
};

const mask = Array.from({ length: 24 }, (_, at) => at % 2);

export const anyDTypeCases: Readonly<Record<string, AnyDTypeCase>> = {
  ...unary,
  ...binary,
  ...reductions,
  ...others,
};

/** Values to fill a tensor with, repeatedly. */
export interface Input {
  readonly dtype: 'bool' | 'int32' | 'float32';
  readonly values: readonly number[];
}

const bool: Input = { dtype: 'bool', values: [1, 0, 0, 1, 1, 0, 1] };
const int32: Input = { dtype: 'int32', values: [-5, 2, -2, 5, 1, -3, 4, 3, -4, -1, 7] };
const int32WithZeros: Input = { dtype: 'int32', values: [0, 3, -1, 0, 2] };
const largeInt32: Input = {
  dtype: 'int32',
  values: [16777217, -16777217, 2147483647, -2147483648, 123456789],
};
const float32: Input = { dtype: 'float32', values: [0.5, -1.5, 2.5, 0.25, -0.75, 3, -2, 1, 0.1] };
const nonFinite: Input = {
  dtype: 'float32',
  values: [1, Number.NaN, -2, Number.POSITIVE_INFINITY, 0, -0, Number.NEGATIVE_INFINITY],
};

/** What to run every operation on. */
export const inputs: Readonly<Record<string, readonly [Input, Input]>> = {
  bool: [bool, bool],
  'small int32': [int32, int32],
  'int32 with zeros': [int32WithZeros, int32WithZeros],
  'large int32': [largeInt32, largeInt32],
  float32: [float32, float32],
  'float32 with NaN and infinities': [nonFinite, nonFinite],
  'int32 and float32': [int32, float32],
};
