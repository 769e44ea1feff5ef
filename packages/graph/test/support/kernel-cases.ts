import * as tf from '@tensorflow/tfjs';
import type { InputSpec } from '../../src';

type Tensors = Readonly<Record<string, tf.Tensor>>;
type Results = Record<string, tf.Tensor> | tf.Tensor;

/** A function whose trace contains certain kernels. */
export interface KernelCase {
  readonly kernels: readonly string[];
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly fn: (inputs: Tensors) => Results;
  /** Of int32 inputs, which are from 0 to this number, exclusive. */
  readonly classes?: number;
  /** Relative to the largest magnitude. */
  readonly tolerance?: number;
}

const matrix: Readonly<Record<string, InputSpec>> = { x: { shape: [null, 6] } };
const images: Readonly<Record<string, InputSpec>> = { x: { shape: [null, 6, 8, 4] } };
const squares: Readonly<Record<string, InputSpec>> = { x: { shape: [null, 6, 6, 4] } };
const channelsFirst: Readonly<Record<string, InputSpec>> = { x: { shape: [null, 4, 6, 8] } };
const volumes: Readonly<Record<string, InputSpec>> = { x: { shape: [null, 4, 6, 4, 2] } };
const integers: Readonly<Record<string, InputSpec>> = {
  n: { shape: [null, 6], dtype: 'int32' },
  x: { shape: [null, 6] },
};

const of = (inputs: Tensors, name = 'x'): tf.Tensor => {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`There is no input "${name}".`);
  return tensor;
};

const one =
  (fn: (x: tf.Tensor) => Results): KernelCase['fn'] =>
  (inputs) =>
    fn(of(inputs));

const elementwise = (kernel: string, fn: (x: tf.Tensor) => tf.Tensor): KernelCase => ({
  kernels: [kernel],
  inputs: matrix,
  fn: one(fn),
});

/** A filter of fixed values. */
const filter = (shape: readonly number[]): tf.Tensor =>
  tf.tidy(() => {
    const size = tf.util.sizeFromShape([...shape]);
    return tf.tensor(
      Array.from({ length: size }, (_, index) => Math.sin(index + 1)),
      [...shape],
    );
  });

/** The value and the gradients by the input and the filter. */
const withGradients = (
  kernels: readonly string[],
  inputs: Readonly<Record<string, InputSpec>>,
  filterShape: readonly number[],
  fn: (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor,
): KernelCase => ({
  kernels,
  inputs,
  fn: (tensors) => {
    const y = (x: tf.Tensor, f: tf.Tensor) => tf.sum(tf.square(fn(x, f)));
    const { value, grads } = tf.valueAndGrads(y as (...args: tf.Tensor[]) => tf.Tensor)([
      of(tensors),
      filter(filterShape),
    ]);
    const [dx, df] = grads;
    if (dx === undefined || df === undefined) throw new Error('There are two gradients.');
    return { value, dx, df };
  },
});

const withGradient = (
  kernels: readonly string[],
  inputs: Readonly<Record<string, InputSpec>>,
  fn: (x: tf.Tensor) => tf.Tensor,
): KernelCase => ({
  kernels,
  inputs,
  fn: (tensors) => {
    const y = (x: tf.Tensor) => tf.sum(tf.square(fn(x)));
    const { value, grad } = tf.valueAndGrad(y)(of(tensors));
    return { value, grad };
  },
});

const conv = (
  strides: number | [number, number],
  pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding,
  dilations: number | [number, number] = 1,
) => ({ strides, pad, dilations });

type Image = tf.Tensor4D;
type Volume = tf.Tensor5D;

const convolution = ({ strides, pad, dilations }: ReturnType<typeof conv>) =>
  withGradients(
    strides === 1 || dilations === 1
      ? ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter']
      : ['Conv2D'],
    images,
    [3, 2, 4, 5],
    (x, f) => tf.conv2d(x as Image, f as Image, strides, pad, 'NHWC', dilations),
  );

export const kernelCases: Readonly<Record<string, KernelCase>> = {
  abs: elementwise('Abs', tf.abs),
  acos: elementwise('Acos', tf.acos),
  acosh: elementwise('Acosh', (x) => tf.acosh(tf.add(tf.abs(x), 1.5))),
  asin: elementwise('Asin', tf.asin),
  asinh: elementwise('Asinh', tf.asinh),
  atan: elementwise('Atan', tf.atan),
  atanh: elementwise('Atanh', (x) => tf.atanh(tf.mul(x, 0.9))),
  atan2: elementwise('Atan2', (x) => tf.atan2(x, tf.add(x, 0.5))),
  ceil: elementwise('Ceil', (x) => tf.ceil(tf.mul(x, 5))),
  cos: elementwise('Cos', tf.cos),
  cosh: elementwise('Cosh', tf.cosh),
  elu: withGradient(['Elu', 'EluGrad'], matrix, tf.elu),
  erf: elementwise('Erf', tf.erf),
  exp: elementwise('Exp', tf.exp),
  expm1: elementwise('Expm1', tf.expm1),
  floor: elementwise('Floor', (x) => tf.floor(tf.mul(x, 5))),
  log: elementwise('Log', (x) => tf.log(tf.abs(x))),
  log1p: elementwise('Log1p', tf.log1p),
  neg: elementwise('Neg', tf.neg),
  reciprocal: elementwise('Reciprocal', (x) => tf.reciprocal(tf.add(x, 3))),
  relu: withGradient(['Relu', 'Step'], matrix, tf.relu),
  relu6: elementwise('Relu6', (x) => tf.relu6(tf.mul(x, 9))),
  round: elementwise('Round', (x) => tf.round(tf.mul(x, 5))),
  rsqrt: elementwise('Rsqrt', (x) => tf.rsqrt(tf.add(x, 2))),
  selu: elementwise('Selu', tf.selu),
  sigmoid: elementwise('Sigmoid', tf.sigmoid),
  sign: elementwise('Sign', tf.sign),
  sin: elementwise('Sin', tf.sin),
  sinh: elementwise('Sinh', tf.sinh),
  softplus: elementwise('Softplus', tf.softplus),
  sqrt: elementwise('Sqrt', (x) => tf.sqrt(tf.add(x, 2))),
  square: elementwise('Square', tf.square),
  tan: elementwise('Tan', tf.tan),
  tanh: elementwise('Tanh', tf.tanh),
  'zeros and ones': {
    kernels: ['Add'],
    inputs: matrix,
    fn: one((x) => tf.add(tf.add(tf.zerosLike(x), tf.onesLike(x)), x)),
  },
  'leaky relu': elementwise('LeakyRelu', (x) => tf.leakyRelu(x, 0.3)),
  prelu: withGradients(['Prelu'], matrix, [6], (x, alpha) => tf.prelu(x, alpha)),
  step: elementwise('Step', (x) => tf.step(x, 0.25)),
  clip: elementwise('ClipByValue', (x) => tf.clipByValue(x, -0.4, 0.3)),
  'tests of numbers': {
    kernels: ['IsNan', 'IsInf', 'IsFinite'],
    inputs: matrix,
    fn: one((x) => {
      const y = tf.div(x, tf.sub(tf.round(tf.abs(x)), 1));
      const z = tf.div(tf.zerosLike(x), tf.round(x));
      return tf.concat([tf.isInf(y), tf.isNaN(z), tf.isFinite(y)], 1);
    }),
  },
  arithmetic: {
    kernels: [
      'Add',
      'Sub',
      'Multiply',
      'RealDiv',
      'Maximum',
      'Minimum',
      'SquaredDifference',
      'AddN',
    ],
    inputs: matrix,
    fn: one((x) => {
      const row = tf.slice(x, [0, 0], [1, 6]);
      const y = tf.addN([x, tf.mul(x, row), tf.sub(x, 3), tf.div(x, tf.add(tf.abs(row), 1))]);
      return tf.add(tf.squaredDifference(x, y), tf.mul(tf.maximum(x, row), tf.minimum(x, 0.1)));
    }),
  },
  power: elementwise('Pow', (x) => tf.pow(tf.add(x, 2), tf.scalar(2.5))),
  'integer arithmetic': {
    kernels: ['FloorDiv', 'Mod', 'BitwiseAnd', 'Cast'],
    inputs: integers,
    classes: 50,
    fn: (inputs) => {
      const n = of(inputs, 'n');
      const m = tf.add(n, tf.scalar(3, 'int32'));
      return {
        quotient: tf.floorDiv(n, tf.scalar(7, 'int32')),
        // TensorFlow's own kernel returns zeros.
        rounded: tf.round(m),
        rest: tf.mod(tf.sub(n, tf.scalar(20, 'int32')), tf.scalar(7, 'int32')),
        bits: tf.bitwiseAnd(n, m),
        float: tf.cast(n, 'float32'),
        truncated: tf.cast(tf.mul(of(inputs), 9), 'int32'),
        truth: tf.cast(n, 'bool'),
      };
    },
  },
  comparisons: {
    kernels: ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'],
    inputs: integers,
    classes: 3,
    fn: (inputs) => {
      const n = of(inputs, 'n');
      const x = of(inputs);
      return {
        equal: tf.equal(n, tf.scalar(1, 'int32')),
        unequal: tf.notEqual(n, tf.scalar(1, 'int32')),
        above: tf.greater(x, 0.2),
        least: tf.greaterEqual(n, tf.scalar(1, 'int32')),
        below: tf.less(x, 0.2),
        most: tf.lessEqual(n, tf.scalar(1, 'int32')),
      };
    },
  },
  logic: {
    kernels: ['LogicalAnd', 'LogicalOr', 'LogicalNot', 'Any', 'All', 'Select'],
    inputs: matrix,
    fn: one((x) => {
      const [a, b] = [tf.greater(x, 0), tf.less(x, 0.4)];
      const all = tf.stack([
        tf.logicalAnd(a, b),
        tf.logicalOr(a, b),
        tf.logicalNot(a),
        tf.logicalXor(a, b),
      ]);
      const some = tf.logicalOr(tf.any(all, 0), tf.all(all, 0));
      return tf.where(some, x, tf.neg(x));
    }),
  },
  complex: {
    kernels: ['Complex', 'Real', 'Imag', 'ComplexAbs', 'FFT', 'IFFT'],
    inputs: { x: { shape: [null, 8] } },
    fn: one((x) => {
      const spectrum = tf.spectral.fft(tf.complex(x, tf.mul(x, 2)));
      const back = tf.spectral.ifft(spectrum);
      return tf.stack([tf.real(spectrum), tf.imag(spectrum), tf.abs(spectrum), tf.real(back)]);
    }),
  },
  reshape: {
    kernels: ['Reshape', 'Transpose'],
    inputs: images,
    fn: one((x) => tf.expandDims(tf.transpose(tf.reshape(x, [-1, 12, 16]), [1, 2, 0]), 1)),
  },
  joins: {
    kernels: ['Concat', 'Pack', 'Unpack', 'SplitV'],
    inputs: matrix,
    fn: one((x) => {
      const [left, right] = tf.split(x, [2, 4], 1);
      if (left === undefined || right === undefined) throw new Error('two parts');
      const columns = tf.unstack(x, 1);
      return tf.concat([right, left, tf.stack(columns, 1)], 1);
    }),
  },
  slices: {
    kernels: ['Slice', 'StridedSlice', 'Reverse', 'Tile'],
    inputs: images,
    fn: one((x) => {
      const part = tf.slice(x, [0, 1, 2, 0], [-1, 3, 4, 2]);
      const spaced = tf.stridedSlice(x, [0, 5, 0, 1], [0, 0, 8, 4], [1, -2, 3, 2], 1, 1);
      return {
        part: tf.reverse(part, [1, 3]),
        spaced,
        tiled: tf.tile(part, [1, 2, 1, 3]),
      };
    }),
  },
  pads: {
    kernels: ['PadV2', 'MirrorPad'],
    inputs: images,
    fn: one((x) => {
      const borders: [number, number][] = [
        [0, 0],
        [1, 2],
        [2, 0],
        [0, 1],
      ];
      return tf.add(tf.pad(x, borders, 0.5), tf.mirrorPad(x, borders, 'reflect'));
    }),
  },
  gathers: {
    kernels: ['GatherV2', 'GatherNd', 'OneHot', 'UnsortedSegmentSum'],
    inputs: integers,
    classes: 5,
    fn: (inputs) => {
      const n = of(inputs, 'n');
      const table = filter([5, 3]);
      const ids = tf.slice(n, [0, 0], [-1, 1]);
      return {
        rows: tf.gather(table, n),
        columns: tf.gather(of(inputs), tf.tensor1d([4, 0, 5], 'int32'), 1),
        points: tf.gatherND(table, ids),
        hot: tf.oneHot(n, 5, 2, -1),
        sums: tf.unsortedSegmentSum(of(inputs), tf.reshape(ids, [-1]) as tf.Tensor1D, 5),
      };
    },
  },
  scatters: {
    kernels: ['ScatterNd', 'TensorScatterUpdate', 'SparseToDense', 'Diag'],
    inputs: { x: { shape: [3, 6] } },
    fn: one((x) => {
      const rows = tf.tensor2d([[4], [0], [2]], [3, 1], 'int32');
      const first = tf.reshape(tf.slice(x, [0, 0], [3, 1]), [3]) as tf.Tensor1D;
      return {
        scattered: tf.scatterND(rows, x as tf.Tensor2D, [5, 6]),
        updated: tf.tensorScatterUpdate(filter([5, 6]), rows, x),
        dense: tf.sparseToDense(rows, first, [5], 0.5),
        diagonal: tf.diag(first),
      };
    }),
  },
  fills: {
    kernels: ['Range', 'LinSpace'],
    inputs: matrix,
    fn: one((x) => {
      const size = x.shape[0] ?? 0;
      const numbers = tf.reshape(tf.range(0, size, 1), [size, 1]);
      const row = tf.broadcastTo(tf.linspace(0, 1, 6), [size, 6]);
      return tf.add(tf.add(x, numbers), tf.mul(row, tf.fill([size, 6], 0.5)));
    }),
  },
  blocks: {
    kernels: ['DepthToSpace', 'SpaceToBatchND', 'BatchToSpaceND'],
    inputs: images,
    fn: one((x) => {
      const batches = tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      );
      return {
        space: tf.depthToSpace(x as Image, 2, 'NHWC'),
        batches,
        back: tf.batchToSpaceND(
          tf.mul(batches, 2),
          [2, 2],
          [
            [1, 0],
            [0, 2],
          ],
        ),
      };
    }),
  },
  scans: {
    kernels: ['Cumsum', 'Cumprod'],
    inputs: images,
    fn: one((x) => tf.add(tf.cumsum(x, 1, true, true), tf.cumprod(x, 2, false, false))),
  },
  counts: {
    kernels: ['DenseBincount'],
    inputs: { n: { shape: [2, 6], dtype: 'int32' } },
    classes: 5,
    fn: (inputs) =>
      tf.denseBincount(of(inputs, 'n') as tf.Tensor2D, filter([2, 6]) as tf.Tensor2D, 5),
  },
  'sorted search': {
    kernels: ['SearchSorted'],
    inputs: { x: { shape: [1, 7] } },
    fn: one((x) => {
      const sorted = tf.tensor2d([-0.8, -0.1, 0, 0.3, 0.9], [1, 5]);
      return tf.stack([tf.lowerBound(sorted, x), tf.upperBound(sorted, x)]);
    }),
  },
  reductions: {
    kernels: ['Sum', 'Mean', 'Max', 'Min', 'Prod'],
    inputs: images,
    fn: one((x) => ({
      sum: tf.sum(x, [1, 3]),
      mean: tf.mean(x, 0, true),
      max: tf.max(x, -1),
      min: tf.min(x),
      product: tf.prod(x, [2], true),
    })),
  },
  'reductions of integers': {
    kernels: ['Sum', 'Mean', 'Max'],
    inputs: integers,
    classes: 9,
    fn: (inputs) => {
      const n = of(inputs, 'n');
      return {
        sum: tf.sum(n, 1),
        mean: tf.mean(n, 1),
        max: tf.max(n, 0),
        truths: tf.sum(tf.greater(n, 4)),
      };
    },
  },
  places: {
    kernels: ['ArgMax', 'ArgMin', 'TopK'],
    inputs: matrix,
    fn: one((x) => {
      const { values, indices } = tf.topk(x, 3);
      return {
        most: tf.argMax(x, 1),
        least: tf.argMin(x, 0),
        values,
        indices,
      };
    }),
  },
  softmax: {
    kernels: ['Softmax'],
    inputs: matrix,
    fn: one((x) => tf.add(tf.softmax(tf.mul(x, 5)), tf.logSoftmax(x))),
  },
  products: {
    kernels: ['BatchMatMul'],
    inputs: { x: { shape: [null, 3, 4] } },
    fn: one((x) => ({
      square: tf.matMul(x, x, false, true),
      other: tf.matMul(x, x, true),
      matrix: tf.matMul(tf.reshape(x, [-1, 4]), filter([4, 2])),
    })),
  },
  'fused product': {
    kernels: ['_FusedMatMul'],
    inputs: matrix,
    fn: one((x) =>
      tf.fused.matMul({
        a: x as tf.Tensor2D,
        b: filter([6, 3]) as tf.Tensor2D,
        bias: filter([3]),
        activation: 'elu',
      }),
    ),
  },
  einsum: {
    kernels: ['Einsum'],
    inputs: { x: { shape: [null, 3, 4] } },
    fn: one((x) => tf.einsum('bij,bkj->bik', x, x)),
  },
  'segments of rows': {
    kernels: ['SparseSegmentSum', 'SparseSegmentMean'],
    inputs: { x: { shape: [5, 3] } },
    fn: one((x) => {
      const rows = tf.tensor1d([4, 0, 2, 1], 'int32');
      const segments = tf.tensor1d([0, 0, 1, 1], 'int32');
      return tf.add(
        tf.sparse.sparseSegmentSum(x, rows, segments),
        tf.sparse.sparseSegmentMean(x, rows, segments),
      );
    }),
  },
  'convolution, same': convolution(conv(1, 'same')),
  'convolution, strides': convolution(conv([2, 2], 'valid')),
  'convolution, padding of one number': withGradients(
    ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
    images,
    [3, 3, 4, 5],
    (x, f) => tf.conv2d(x as Image, f as Image, 1, 1),
  ),
  'convolution, explicit padding': convolution(
    conv(1, [
      [0, 0],
      [1, 0],
      [2, 1],
      [0, 0],
    ]),
  ),
  'convolution, dilations': {
    kernels: ['Conv2D'],
    inputs: images,
    fn: one((x) => tf.conv2d(x as Image, filter([3, 2, 4, 5]) as Image, 1, 'same', 'NHWC', [2, 2])),
  },
  'convolution, channels first': {
    kernels: ['Conv2D'],
    inputs: channelsFirst,
    fn: one((x) => tf.conv2d(x as Image, filter([3, 2, 4, 5]) as Image, 1, 'same', 'NCHW')),
  },
  'fused convolution': {
    kernels: ['FusedConv2D'],
    inputs: images,
    fn: one((x) =>
      tf.fused.conv2d({
        x: x as Image,
        filter: filter([3, 3, 4, 5]) as Image,
        strides: 1,
        pad: 'same',
        bias: filter([5]),
        activation: 'relu6',
      }),
    ),
  },
  'depthwise convolution': withGradients(
    [
      'DepthwiseConv2dNative',
      'DepthwiseConv2dNativeBackpropInput',
      'DepthwiseConv2dNativeBackpropFilter',
    ],
    images,
    [3, 3, 4, 2],
    (x, f) => tf.depthwiseConv2d(x as Image, f as Image, 1, 'same'),
  ),
  'depthwise convolution, dilations': {
    kernels: ['DepthwiseConv2dNative'],
    inputs: images,
    fn: one((x) =>
      tf.depthwiseConv2d(x as Image, filter([3, 2, 4, 2]) as Image, 1, 'same', 'NHWC', [2, 2]),
    ),
  },
  'fused depthwise convolution': {
    kernels: ['FusedDepthwiseConv2D'],
    inputs: images,
    fn: one((x) =>
      tf.fused.depthwiseConv2d({
        x: x as Image,
        filter: filter([3, 3, 4, 2]) as Image,
        strides: 1,
        pad: 'same',
        bias: filter([8]),
        activation: 'relu',
      }),
    ),
  },
  'convolution of volumes': withGradients(
    ['Conv3D', 'Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'],
    volumes,
    [2, 3, 2, 2, 3],
    (x, f) => tf.conv3d(x as Volume, f as Volume, [1, 2, 1], 'same'),
  ),
  'dilation of an image': {
    kernels: ['Dilation2D'],
    inputs: images,
    fn: one((x) => tf.dilation2d(x as Image, filter([2, 3, 4]) as tf.Tensor3D, 1, 'same')),
  },
  'gradients of a dilation': withGradients(
    ['Dilation2D', 'Dilation2DBackpropInput', 'Dilation2DBackpropFilter'],
    images,
    [2, 3, 4],
    (x, f) => tf.dilation2d(x as Image, f as tf.Tensor3D, 1, 'valid'),
  ),
  'response normalization': withGradient(['LRN', 'LRNGrad'], images, (x) =>
    tf.localResponseNormalization(x as Image, 2, 1, 0.5, 0.7),
  ),
  'pool of maxima': withGradient(['MaxPool', 'MaxPoolGrad'], images, (x) =>
    tf.maxPool(x as Image, [2, 3], [2, 1], 'same'),
  ),
  'pool of means': withGradient(['AvgPool', 'AvgPoolGrad'], images, (x) =>
    tf.avgPool(x as Image, [2, 3], [2, 1], 'valid'),
  ),
  'pool of means, padded': {
    kernels: ['AvgPool'],
    inputs: images,
    fn: one((x) => tf.avgPool(x as Image, 3, 1, 1)),
  },
  'pool of maxima, padded': {
    kernels: ['MaxPool'],
    inputs: images,
    fn: one((x) => tf.maxPool(x as Image, 3, 1, 1)),
  },
  'pools of volumes': withGradient(
    ['MaxPool3D', 'MaxPool3DGrad', 'AvgPool3D', 'AvgPool3DGrad'],
    volumes,
    (x) => tf.add(tf.maxPool3d(x as Volume, 2, 2, 'same'), tf.avgPool3d(x as Volume, 2, 2, 'same')),
  ),
  'maxima with their places': {
    kernels: ['MaxPoolWithArgmax'],
    inputs: images,
    fn: one((x) => {
      const { result, indexes } = tf.maxPoolWithArgmax(x as Image, 2, 2, 'valid', true);
      if (!result || !indexes) throw new Error('two results');
      return { result, indexes };
    }),
  },
  'batch normalization': {
    kernels: ['FusedBatchNorm'],
    inputs: images,
    fn: one((x) =>
      tf.batchNorm(x, filter([4]), tf.abs(filter([4])), tf.add(filter([4]), 1), filter([4]), 0.01),
    ),
  },
  'batch normalization of a matrix, without scale': {
    kernels: ['FusedBatchNorm'],
    inputs: matrix,
    fn: one((x) => tf.batchNorm(x, filter([6]), tf.abs(filter([6])))),
  },
  'resize, bilinear': withGradient(['ResizeBilinear', 'ResizeBilinearGrad'], squares, (x) =>
    tf.image.resizeBilinear(x as Image, [9, 5], true),
  ),
  'resize, nearest': withGradient(
    ['ResizeNearestNeighbor', 'ResizeNearestNeighborGrad'],
    images,
    (x) => tf.image.resizeNearestNeighbor(x as Image, [12, 4], false),
  ),
  crops: {
    kernels: ['CropAndResize', 'FlipLeftRight'],
    inputs: { x: { shape: [2, 6, 8, 4] } },
    fn: one((x) => {
      const boxes = tf.tensor2d([
        [0, 0.1, 0.9, 1],
        [0.2, 0, 1.2, 0.7],
      ]);
      const indices = tf.tensor1d([1, 0], 'int32');
      return tf.image.cropAndResize(
        tf.image.flipLeftRight(x as Image),
        boxes,
        indices,
        [4, 3],
        'bilinear',
        0.5,
      );
    }),
  },
  transform: {
    kernels: ['Transform'],
    inputs: { x: { shape: [1, 6, 8, 4] } },
    fn: one((x) =>
      tf.image.transform(
        x as Image,
        tf.tensor2d([[0.9, 0.2, 0.5, -0.1, 1.1, 0.3, 0, 0]]),
        'bilinear',
        'constant',
        0.25,
      ),
    ),
  },
  'suppression of boxes': {
    kernels: ['NonMaxSuppressionV4'],
    inputs: { scores: { shape: [4] } },
    fn: (inputs) => {
      const boxes = tf.tensor2d([
        [0, 0, 1, 1],
        [0, 0.1, 1, 1.1],
        [0, 2, 1, 3],
        [0, 2, 1, 3.2],
      ]);
      const { selectedIndices, validOutputs } = tf.image.nonMaxSuppressionPadded(
        boxes,
        of(inputs, 'scores') as tf.Tensor1D,
        4,
        0.5,
        -2,
        true,
      );
      if (!selectedIndices || !validOutputs) throw new Error('two results');
      return { selectedIndices, validOutputs };
    },
  },
};
