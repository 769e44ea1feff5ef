import type * as tf from '@tensorflow/tfjs';
import { floats, integers, type KernelCase } from './kernel-case';

const convolution = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
const pooling = { filterSize: [2, 2], strides: [2, 2], pad: 'same' };
const boxes = { method: 'bilinear', extrapolationValue: 0, cropSize: [2, 2] };
const slice = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

const far = [-1_000_000, -7, -1, 4, 5, 9, 1_000_000, 2 ** 31 - 1, -(2 ** 31)];

const outOfRange = far.flatMap((index): KernelCase[] => [
  {
    kernel: 'GatherV2',
    inputs: (data) => ({ x: data([4, 3]), indices: integers([index, 0]) }),
    attrs: { axis: 0, batchDims: 0 },
  },
  {
    kernel: 'GatherNd',
    inputs: (data) => ({ params: data([4, 3]), indices: integers([index, 0, 0, 1], [2, 2]) }),
  },
  {
    kernel: 'GatherNd',
    inputs: (data) => ({ params: data([4, 3]), indices: integers([0, index], [2, 1]) }),
  },
  {
    kernel: 'ScatterNd',
    inputs: (data) => ({ indices: integers([index, 0], [2, 1]), updates: data([2, 3]) }),
    attrs: { shape: [4, 3] },
  },
  {
    kernel: 'TensorScatterUpdate',
    inputs: (data) => ({
      tensor: data([4, 3]),
      indices: integers([index, 0], [2, 1]),
      updates: data([2, 3]),
    }),
    attrs: {},
  },
  {
    kernel: 'SparseToDense',
    inputs: (data) => ({
      sparseIndices: integers([index, 0], [2, 1]),
      sparseValues: data([2]),
      defaultValue: data([]),
    }),
    attrs: { outputShape: [4] },
  },
  {
    kernel: 'UnsortedSegmentSum',
    inputs: (data) => ({ x: data([2, 3]), segmentIds: integers([index, 0]) }),
    attrs: { numSegments: 4 },
  },
  ...['SparseSegmentMean', 'SparseSegmentSum'].flatMap((kernel): KernelCase[] => [
    {
      kernel,
      inputs: (data) => ({
        data: data([4, 3]),
        indices: integers([0, index]),
        segmentIds: integers([0, 1]),
      }),
    },
    ...(Math.abs(index) > 100
      ? []
      : [
          {
            kernel,
            inputs: (data: (shape: readonly number[]) => tf.Tensor) => ({
              data: data([4, 3]),
              indices: integers([0, 1]),
              segmentIds: integers([index, 2]),
            }),
          },
        ]),
  ]),
  ...['Bincount', 'DenseBincount'].map(
    (kernel): KernelCase => ({
      kernel,
      inputs: (data) => ({ x: integers([index, 0]), weights: data([2]) }),
      attrs: { size: 4, binaryOutput: false },
    }),
  ),
  {
    kernel: 'DenseBincount',
    inputs: (data) => ({ x: integers([index, 0, 1, 2], [2, 2]), weights: data([0]) }),
    attrs: { size: 4, binaryOutput: true },
  },
  {
    kernel: 'OneHot',
    inputs: () => ({ indices: integers([index, 0]) }),
    attrs: { depth: 4, onValue: 1, offValue: 0, dtype: 'float32' },
  },
  {
    kernel: 'CropAndResize',
    inputs: (data) => ({
      image: data([4, 3, 3, 2]),
      boxes: floats([0, 0, 1, 1], [1, 4]),
      boxInd: integers([index]),
    }),
    attrs: boxes,
  },
  {
    kernel: 'SparseFillEmptyRows',
    inputs: (data) => ({
      indices: integers([index, 0, 2, 1], [2, 2]),
      values: data([2]),
      denseShape: integers([4, 3]),
      defaultValue: data([]),
    }),
  },
  {
    kernel: 'SparseReshape',
    inputs: () => ({
      inputIndices: integers([index, 0, 1, 2], [2, 2]),
      inputShape: integers([4, 3]),
      newShape: integers([3, -1]),
    }),
  },
]);

const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, -1e30];

const strangeNumbers = numbers.flatMap((number): KernelCase[] => [
  ...['nearest', 'bilinear'].flatMap((interpolation) =>
    ['constant', 'reflect', 'wrap', 'nearest'].map(
      (fillMode): KernelCase => ({
        kernel: 'Transform',
        inputs: (data) => ({
          image: data([1, 4, 4, 2]),
          transforms: floats([number, 0, 0, 0, 1, number, 0, 0], [1, 8]),
        }),
        attrs: { interpolation, fillMode, fillValue: 0 },
      }),
    ),
  ),
  {
    kernel: 'RotateWithOffset',
    inputs: (data) => ({ image: data([1, 4, 4, 2]) }),
    attrs: { radians: number, fillValue: 0, center: 0.5 },
  },
  {
    kernel: 'RotateWithOffset',
    inputs: (data) => ({ image: data([1, 4, 4, 2]) }),
    attrs: { radians: 1, fillValue: 0, center: [number, number] },
  },
  ...['nearest', 'bilinear'].map(
    (method): KernelCase => ({
      kernel: 'CropAndResize',
      inputs: (data) => ({
        image: data([1, 3, 3, 2]),
        boxes: floats([0, number, 1, 1], [1, 4]),
        boxInd: integers([0]),
      }),
      attrs: { ...boxes, method },
    }),
  ),
  ...['NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5'].map(
    (kernel): KernelCase => ({
      kernel,
      inputs: () => ({
        boxes: floats([0, 0, number, 1, 0, 0, 1, 1], [2, 4]),
        scores: floats([0.5, 0.7], [2]),
      }),
      attrs: {
        maxOutputSize: 3,
        iouThreshold: 0.5,
        scoreThreshold: 0,
        softNmsSigma: 0.5,
        padToMaxOutputSize: true,
      },
    }),
  ),
  {
    kernel: 'Multinomial',
    inputs: () => ({ logits: floats([number, number, number], [1, 3]) }),
    attrs: { numSamples: 3, seed: 3, normalized: true },
  },
  {
    kernel: 'SearchSorted',
    inputs: () => ({
      sortedSequence: floats([number, number, number, number], [1, 4]),
      values: floats([number, 0], [1, 2]),
    }),
    attrs: { side: 'left' },
  },
  {
    kernel: 'TopK',
    inputs: () => ({ x: floats([1, number, 3, number, 2], [5]) }),
    attrs: { k: 3, sorted: true },
  },
  ...['ArgMax', 'ArgMin'].map(
    (kernel): KernelCase => ({
      kernel,
      inputs: () => ({ x: floats([number, number, number], [3]) }),
      attrs: { axis: [0] },
    }),
  ),
]);

const paddings = [[[-1, 0]], [[0, -2]], [[-1, 2]], [[3, -5]], [[-7, 1]]].flatMap(
  (padding): KernelCase[] => [
    {
      kernel: 'PadV2',
      inputs: (data) => ({ x: data([4]) }),
      attrs: { paddings: padding, constantValue: 0 },
    },
    {
      kernel: 'PadV2',
      inputs: (data) => ({ x: data([3, 4]) }),
      attrs: { paddings: [[1, 0], ...padding], constantValue: 0 },
    },
    {
      kernel: 'MirrorPad',
      inputs: (data) => ({ x: data([4]) }),
      attrs: { paddings: padding, mode: 'reflect' },
    },
    {
      kernel: 'SpaceToBatchND',
      inputs: (data) => ({ x: data([1, 4, 4, 1]) }),
      attrs: { blockShape: [2, 1], paddings: [padding[0], [0, 0]] },
    },
    {
      kernel: 'BatchToSpaceND',
      inputs: (data) => ({ x: data([2, 4, 4, 1]) }),
      attrs: { blockShape: [2, 1], crops: [padding[0], [0, 0]] },
    },
  ],
);

const excess: readonly KernelCase[] = [
  {
    kernel: 'MirrorPad',
    inputs: (data) => ({ x: data([2, 3]) }),
    attrs: {
      paddings: [
        [9, 9],
        [0, 7],
      ],
      mode: 'reflect',
    },
  },
  {
    kernel: 'BatchToSpaceND',
    inputs: (data) => ({ x: data([2, 2, 2, 1]) }),
    attrs: {
      blockShape: [2, 1],
      crops: [
        [9, 9],
        [0, 0],
      ],
    },
  },
  { kernel: 'Slice', inputs: (data) => ({ x: data([4]) }), attrs: { begin: [3], size: [5] } },
  { kernel: 'Slice', inputs: (data) => ({ x: data([4]) }), attrs: { begin: [9], size: [2] } },
  { kernel: 'Slice', inputs: (data) => ({ x: data([4]) }), attrs: { begin: [-2], size: [2] } },
  {
    kernel: 'Slice',
    inputs: (data) => ({ x: data([3, 4]) }),
    attrs: { begin: [0, 3], size: [3, 3] },
  },
  {
    kernel: 'StridedSlice',
    inputs: (data) => ({ x: data([4, 4]) }),
    attrs: { begin: [-99, 1], end: [99, 99], strides: [2, 3], ...slice },
  },
  {
    kernel: 'StridedSlice',
    inputs: (data) => ({ x: data([4, 4]) }),
    attrs: { begin: [9, 1], end: [3, 2], strides: [2, 1], ...slice },
  },
  { kernel: 'TopK', inputs: (data) => ({ x: data([2, 3]) }), attrs: { k: 7, sorted: true } },
  { kernel: 'TopK', inputs: (data) => ({ x: data([2, 3]) }), attrs: { k: -1, sorted: true } },
  { kernel: 'Tile', inputs: (data) => ({ x: data([2, 3]) }), attrs: { reps: [-1, 2] } },
  { kernel: 'Reverse', inputs: (data) => ({ x: data([2, 3]) }), attrs: { dims: [5] } },
  { kernel: 'Transpose', inputs: (data) => ({ x: data([2, 3]) }), attrs: { perm: [1, 1] } },
  { kernel: 'Transpose', inputs: (data) => ({ x: data([2, 3]) }), attrs: { perm: [2, 0] } },
  { kernel: 'ArgMax', inputs: (data) => ({ x: data([2, 0]) }), attrs: { axis: [1] } },
  { kernel: 'ArgMin', inputs: (data) => ({ x: data([0]) }), attrs: { axis: [0] } },
  { kernel: 'Fill', inputs: () => ({}), attrs: { shape: [-1], value: 1, dtype: 'float32' } },
  {
    kernel: 'Fill',
    inputs: () => ({}),
    attrs: { shape: [70_000, 70_000], value: 1, dtype: 'float32' },
  },
  {
    kernel: 'DepthToSpace',
    inputs: (data) => ({ x: data([1, 2, 2, 3]) }),
    attrs: { blockSize: 2, dataFormat: 'NHWC' },
  },
  { kernel: 'LinSpace', inputs: () => ({}), attrs: { start: 0, stop: 1, num: -3 } },
  { kernel: 'LinSpace', inputs: () => ({}), attrs: { start: 0, stop: 1, num: 1 } },
  { kernel: 'Select', inputs: (data) => ({ condition: data([2]), t: data([3]), e: data([3]) }) },
  {
    kernel: 'Select',
    inputs: (data) => ({ condition: data([3]), t: data([3]), e: data([2]) }),
  },
  { kernel: 'AddN', inputs: (data) => [data([3]), data([2])] },
  { kernel: 'EluGrad', inputs: (data) => ({ dy: data([2]), y: data([3]) }) },
  {
    kernel: 'FusedBatchNorm',
    inputs: (data) => ({ x: data([2, 3]), mean: data([2]), variance: data([4]) }),
    attrs: { varianceEpsilon: 0.001 },
  },
  {
    kernel: 'SearchSorted',
    inputs: (data) => ({ sortedSequence: data([1, 0]), values: data([1, 2]) }),
    attrs: { side: 'left' },
  },
  {
    kernel: 'SearchSorted',
    inputs: (data) => ({ sortedSequence: data([1, 2]), values: data([3, 2]) }),
    attrs: { side: 'left' },
  },
  {
    kernel: 'GatherV2',
    inputs: (data) => ({ x: data([0, 3]), indices: integers([0]) }),
    attrs: { axis: 0, batchDims: 0 },
  },
  {
    kernel: 'ScatterNd',
    inputs: (data) => ({ indices: integers([0], [1, 1]), updates: data([1, 5]) }),
    attrs: { shape: [4, 3] },
  },
  {
    kernel: 'Diag',
    inputs: (data) => ({ x: data([0]) }),
  },
  {
    kernel: 'StringNGrams',
    inputs: (data) => ({ data: data([3]), dataSplits: integers([0, 9]) }),
    attrs: {
      separator: '|',
      nGramWidths: [2],
      leftPad: 'L',
      rightPad: 'R',
      padWidth: -1,
      preserveShortSequences: false,
    },
  },
];

const emptyShapes: readonly (readonly number[])[] = [
  [0, 4, 4, 3],
  [1, 0, 4, 3],
  [1, 4, 0, 3],
  [1, 4, 4, 0],
];

const empty: readonly KernelCase[] = emptyShapes.flatMap((image): KernelCase[] => {
  const [batch = 0, height = 0, width = 0, channels = 0] = image;
  const volume = [batch, 2, height, width, channels];
  const out = [batch, height, width, 2];
  return [
    {
      kernel: 'Conv2D',
      inputs: (data) => ({ x: data(image), filter: data([2, 2, channels, 2]) }),
      attrs: convolution,
    },
    {
      kernel: 'Conv2D',
      inputs: (data) => ({ x: data([1, 3, 3, 2]), filter: data([2, 2, 2, 0]) }),
      attrs: convolution,
    },
    {
      kernel: 'Conv2D',
      inputs: (data) => ({ x: data([1, 2, 2, 2]), filter: data([3, 3, 2, 1]) }),
      attrs: { ...convolution, pad: 'valid' },
    },
    {
      kernel: 'FusedConv2D',
      inputs: (data) => ({ x: data(image), filter: data([2, 2, channels, 2]), bias: data([2]) }),
      attrs: { ...convolution, activation: 'relu' },
    },
    {
      kernel: 'Conv2DBackpropFilter',
      inputs: (data) => ({ x: data(image), dy: data(out) }),
      attrs: { ...convolution, filterShape: [2, 2, channels, 2] },
    },
    {
      kernel: 'Conv2DBackpropInput',
      inputs: (data) => ({ dy: data(out), filter: data([2, 2, channels, 2]) }),
      attrs: { ...convolution, inputShape: image },
    },
    {
      kernel: 'DepthwiseConv2dNative',
      inputs: (data) => ({ x: data(image), filter: data([2, 2, channels, 1]) }),
      attrs: convolution,
    },
    {
      kernel: 'FusedDepthwiseConv2D',
      inputs: (data) => ({ x: data(image), filter: data([2, 2, channels, 1]) }),
      attrs: { ...convolution, activation: 'relu' },
    },
    {
      kernel: 'DepthwiseConv2dNativeBackpropFilter',
      inputs: (data) => ({ x: data(image), dy: data(image) }),
      attrs: { ...convolution, filterShape: [2, 2, channels, 1] },
    },
    {
      kernel: 'DepthwiseConv2dNativeBackpropInput',
      inputs: (data) => ({ dy: data(image), filter: data([2, 2, channels, 1]) }),
      attrs: { ...convolution, inputShape: image },
    },
    {
      kernel: 'Conv3D',
      inputs: (data) => ({ x: data(volume), filter: data([2, 2, 2, channels, 2]) }),
      attrs: { strides: 1, pad: 'same', dilations: 1 },
    },
    ...['AvgPool', 'MaxPool', 'MaxPoolWithArgmax'].map(
      (kernel): KernelCase => ({
        kernel,
        inputs: (data) => ({ x: data(image) }),
        attrs: { ...pooling, includeBatchInIndex: false },
      }),
    ),
    ...['AvgPool3D', 'MaxPool3D'].map(
      (kernel): KernelCase => ({
        kernel,
        inputs: (data) => ({ x: data(volume) }),
        attrs: { filterSize: [2, 2, 2], strides: [2, 2, 2], pad: 'same', dataFormat: 'NDHWC' },
      }),
    ),
    {
      kernel: 'LRN',
      inputs: (data) => ({ x: data(image) }),
      attrs: { depthRadius: 2, bias: 1, alpha: 0.5, beta: 0.5 },
    },
    { kernel: 'FlipLeftRight', inputs: (data) => ({ image: data(image) }) },
    {
      kernel: 'RotateWithOffset',
      inputs: (data) => ({ image: data(image) }),
      attrs: { radians: 0.4, fillValue: 0, center: 0.5 },
    },
    {
      kernel: 'Transform',
      inputs: (data) => ({
        image: data(image),
        transforms: floats([1, 0, 0, 0, 1, 0, 0, 0], [1, 8]),
      }),
      attrs: { interpolation: 'bilinear', fillMode: 'reflect', fillValue: 0, outputShape: [2, 2] },
    },
    {
      kernel: 'CropAndResize',
      inputs: (data) => ({
        image: data(image),
        boxes: floats([0, 0, 1, 1], [1, 4]),
        boxInd: integers([0]),
      }),
      attrs: boxes,
    },
    ...['ResizeBilinear', 'ResizeNearestNeighbor'].flatMap((kernel): KernelCase[] => [
      {
        kernel,
        inputs: (data) => ({ images: data(image) }),
        attrs: { alignCorners: true, halfPixelCenters: false, size: [3, 3] },
      },
      {
        kernel: `${kernel}Grad`,
        inputs: (data) => ({ images: data(image), dy: data([batch, 3, 3, channels]) }),
        attrs: { alignCorners: true },
      },
    ]),
    {
      kernel: 'Dilation2D',
      inputs: (data) => ({ x: data(image), filter: data([2, 2, channels]) }),
      attrs: { strides: 1, pad: 'same', dilations: 1 },
    },
    {
      kernel: 'BatchMatMul',
      inputs: (data) => ({ a: data([batch, height, width]), b: data([batch, width, channels]) }),
      attrs: { transposeA: false, transposeB: false },
    },
    {
      kernel: '_FusedMatMul',
      inputs: (data) => ({ a: data([1, height, width]), b: data([1, width, channels]) }),
      attrs: { transposeA: false, transposeB: false, activation: 'relu' },
    },
    {
      kernel: 'DepthToSpace',
      inputs: (data) => ({ x: data([batch, height, width, channels === 0 ? 0 : 4]) }),
      attrs: { blockSize: 2, dataFormat: 'NHWC' },
    },
    { kernel: 'Softmax', inputs: (data) => ({ logits: data(image) }), attrs: { dim: 3 } },
    {
      kernel: 'Einsum',
      inputs: (data) => [data([batch, height]), data([height, width])],
      attrs: { equation: 'ij,jk->ik' },
    },
    {
      kernel: 'MirrorPad',
      inputs: (data) => ({ x: data([batch, height]) }),
      attrs: {
        paddings: [
          [0, 0],
          [0, 0],
        ],
        mode: 'symmetric',
      },
    },
    {
      kernel: 'SpaceToBatchND',
      inputs: (data) => ({ x: data(image) }),
      attrs: {
        blockShape: [2, 2],
        paddings: [
          [0, 0],
          [0, 0],
        ],
      },
    },
    {
      kernel: 'FusedBatchNorm',
      inputs: (data) => ({ x: data(image), mean: data([channels]), variance: data([channels]) }),
      attrs: { varianceEpsilon: 0.001 },
    },
    { kernel: 'Reverse', inputs: (data) => ({ x: data(image) }), attrs: { dims: [1, 3] } },
    { kernel: 'TopK', inputs: (data) => ({ x: data(image) }), attrs: { k: 0, sorted: true } },
    {
      kernel: 'Cumsum',
      inputs: (data) => ({ x: data(image) }),
      attrs: { axis: 1, exclusive: false, reverse: false },
    },
    {
      kernel: 'Multinomial',
      inputs: (data) => ({ logits: data([batch, height]) }),
      attrs: { numSamples: 2, seed: 1, normalized: true },
    },
  ];
});

/**
 * Calls with indices out of range, paddings that don't fit, numbers that are not finite, and sizes of 0.
 * They return what cpu returns, or are rejected.
 */
export const hostileCases: readonly KernelCase[] = [
  ...outOfRange,
  ...strangeNumbers,
  ...paddings,
  ...excess,
  ...empty,
];
