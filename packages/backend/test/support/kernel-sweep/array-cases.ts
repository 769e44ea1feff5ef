import { integers, type KernelCase } from './kernel-case';

/** Kernels that move elements. */
export const arrayCases: readonly KernelCase[] = [
  ...[0, 1].map(
    (axis): KernelCase => ({
      kernel: 'Concat',
      inputs: (data) => [data([2, 3]), data(axis === 0 ? [1, 3] : [2, 2])],
      attrs: { axis },
    }),
  ),
  { kernel: 'Concat', inputs: (data) => [data([0, 3]), data([2, 3])], attrs: { axis: 0 } },
  { kernel: 'Concat', inputs: (data) => [data([2, 0]), data([2, 0])], attrs: { axis: 1 } },
  { kernel: 'Pack', inputs: (data) => [data([2, 3]), data([2, 3])], attrs: { axis: 1 } },
  { kernel: 'Pack', inputs: (data) => [data([3])], attrs: { axis: 0 } },
  { kernel: 'Unpack', inputs: (data) => ({ value: data([2, 3]) }), attrs: { axis: 1 } },
  { kernel: 'Unpack', inputs: (data) => ({ value: data([2, 0]) }), attrs: { axis: -2 } },
  {
    kernel: 'SplitV',
    inputs: (data) => ({ x: data([2, 5]) }),
    attrs: { numOrSizeSplits: [2, 3], axis: 1 },
  },
  { kernel: 'Reshape', inputs: (data) => ({ x: data([2, 6]) }), attrs: { shape: [3, 4] } },
  { kernel: 'Reshape', inputs: (data) => ({ x: data([0, 6]) }), attrs: { shape: [3, 0] } },
  { kernel: 'ExpandDims', inputs: (data) => ({ input: data([2, 3]) }), attrs: { dim: -2 } },
  ...(
    [
      [[5], [1], [3]],
      [
        [3, 4],
        [1, 1],
        [2, 2],
      ],
      [
        [2, 3, 4],
        [0, 1, 1],
        [2, 2, 2],
      ],
      [
        [2, 2, 3, 4],
        [0, 1, 0, 2],
        [2, 1, 2, 2],
      ],
      [
        [1, 2, 2, 3, 4],
        [0, 0, 1, 0, 2],
        [1, 2, 1, 2, 2],
      ],
      [
        [3, 4],
        [1, 1],
        [0, 2],
      ],
    ] as const
  ).map(
    ([shape, begin, size]): KernelCase => ({
      kernel: 'Slice',
      inputs: (data) => ({ x: data(shape) }),
      attrs: { begin, size },
    }),
  ),
  ...(
    [
      [[7], [1], [6], [2]],
      [[7], [5], [0], [-2]],
      [
        [3, 4],
        [0, 3],
        [3, 0],
        [2, -1],
      ],
      [
        [2, 3, 4],
        [0, 0, 0],
        [2, 3, 4],
        [1, 2, 2],
      ],
      [
        [3, 4],
        [1, 0],
        [3, 4],
        [1, 1],
      ],
      [
        [3, 4],
        [0, 0],
        [3, 4],
        [1, 1],
      ],
      [
        [3, 4],
        [2, 2],
        [1, 2],
        [1, 2],
      ],
      [
        [0, 4],
        [0, 0],
        [0, 4],
        [1, 2],
      ],
    ] as const
  ).map(
    ([shape, begin, end, strides]): KernelCase => ({
      kernel: 'StridedSlice',
      inputs: (data) => ({ x: data(shape) }),
      attrs: {
        begin,
        end,
        strides,
        beginMask: 0,
        endMask: 0,
        ellipsisMask: 0,
        newAxisMask: 0,
        shrinkAxisMask: 0,
      },
    }),
  ),
  {
    kernel: 'StridedSlice',
    inputs: (data) => ({ x: data([3, 4, 2]) }),
    attrs: {
      begin: [1, 0],
      end: [2, 4],
      strides: [1, 3],
      beginMask: 0,
      endMask: 0,
      ellipsisMask: 0,
      newAxisMask: 0,
      shrinkAxisMask: 1,
    },
  },
  ...(
    [
      [[5], [0]],
      [[3, 4], [1]],
      [
        [2, 3, 4],
        [0, 2],
      ],
      [[2, 3, 2, 2], []],
      [[], []],
      [[0, 3], [0]],
      [[37], [0]],
    ] as const
  ).map(
    ([shape, dims]): KernelCase => ({
      kernel: 'Reverse',
      inputs: (data) => ({ x: data(shape) }),
      attrs: { dims },
    }),
  ),
  ...(
    [
      [
        [3, 4],
        [1, 0],
      ],
      [
        [2, 3, 4],
        [2, 0, 1],
      ],
      [
        [1, 3, 1, 4],
        [3, 2, 1, 0],
      ],
      [
        [2, 1, 3, 2, 2],
        [4, 3, 2, 1, 0],
      ],
      [
        [2, 2, 2, 2, 2, 2],
        [5, 4, 3, 2, 1, 0],
      ],
      [
        [0, 4],
        [1, 0],
      ],
      [
        [3, 4],
        [0, 1],
      ],
    ] as const
  ).map(
    ([shape, perm]): KernelCase => ({
      kernel: 'Transpose',
      inputs: (data) => ({ x: data(shape) }),
      attrs: { perm },
    }),
  ),
  ...(
    [
      [[3], [2]],
      [
        [2, 3],
        [1, 2],
      ],
      [
        [2, 1, 3],
        [2, 3, 1],
      ],
      [
        [2, 3],
        [0, 2],
      ],
      [
        [0, 3],
        [2, 2],
      ],
    ] as const
  ).map(
    ([shape, reps]): KernelCase => ({
      kernel: 'Tile',
      inputs: (data) => ({ x: data(shape) }),
      attrs: { reps },
    }),
  ),
  ...(
    [
      [[5], [[1, 2]]],
      [
        [2, 3],
        [
          [0, 1],
          [2, 0],
        ],
      ],
      [
        [2, 3, 2],
        [
          [1, 1],
          [0, 0],
          [0, 2],
        ],
      ],
      [
        [0, 3],
        [
          [1, 1],
          [0, 1],
        ],
      ],
    ] as const
  ).flatMap(([shape, paddings]): KernelCase[] => [
    {
      kernel: 'PadV2',
      inputs: (data) => ({ x: data(shape) }),
      attrs: (dtype) => ({
        paddings,
        constantValue: dtype === 'string' ? '' : dtype === 'bool' ? 1 : 3,
      }),
    },
  ]),
  ...(['reflect', 'symmetric'] as const).map(
    (mode): KernelCase => ({
      kernel: 'MirrorPad',
      inputs: (data) => ({ x: data([2, 3, 4]) }),
      attrs: {
        paddings: [
          [1, 0],
          [2, 1],
          [0, 2],
        ],
        mode,
      },
    }),
  ),
  {
    kernel: 'BatchToSpaceND',
    inputs: (data) => ({ x: data([4, 2, 2, 1]) }),
    attrs: {
      blockShape: [2, 2],
      crops: [
        [0, 1],
        [1, 0],
      ],
    },
  },
  {
    kernel: 'SpaceToBatchND',
    inputs: (data) => ({ x: data([1, 3, 4, 2]) }),
    attrs: {
      blockShape: [2, 2],
      paddings: [
        [0, 1],
        [1, 1],
      ],
    },
  },
  ...(['NHWC', 'NCHW'] as const).map(
    (dataFormat): KernelCase => ({
      kernel: 'DepthToSpace',
      inputs: (data) => ({ x: data(dataFormat === 'NHWC' ? [1, 2, 3, 4] : [1, 4, 2, 3]) }),
      attrs: { blockSize: 2, dataFormat },
    }),
  ),
  ...(
    [
      [[5], [3], 0],
      [[4, 3], [2], 0],
      [[4, 3], [2, 2], 1],
      [[2, 4, 3], [0], 1],
      [[4, 0], [2], 0],
    ] as const
  ).map(
    ([shape, indexShape, axis]): KernelCase => ({
      kernel: 'GatherV2',
      inputs: (data) => ({
        x: data(shape),
        indices: integers(
          [2, 0, 1, 2].slice(
            0,
            indexShape.reduce((a: number, b) => a * b, 1),
          ),
          indexShape,
        ),
      }),
      attrs: { axis, batchDims: 0 },
    }),
  ),
  {
    kernel: 'GatherV2',
    inputs: (data) => ({ x: data([2, 3, 2]), indices: integers([2, 0, 1, 1], [2, 2]) }),
    attrs: { axis: 1, batchDims: 1 },
  },
  {
    kernel: 'GatherNd',
    inputs: (data) => ({ params: data([3, 4]), indices: integers([2, 1, 0, 3], [2, 2]) }),
  },
  {
    kernel: 'GatherNd',
    inputs: (data) => ({ params: data([3, 4]), indices: integers([2, 0], [2, 1]) }),
  },
  {
    kernel: 'GatherNd',
    inputs: (data) => ({ params: data([3, 4]), indices: integers([], [0, 2]) }),
  },
  {
    kernel: 'ScatterNd',
    inputs: (data) => ({ indices: integers([2, 0], [2, 1]), updates: data([2, 3]) }),
    attrs: { shape: [4, 3] },
  },
  {
    kernel: 'ScatterNd',
    inputs: (data) => ({ indices: integers([2, 0, 2], [3, 1]), updates: data([3]) }),
    attrs: { shape: [4] },
  },
  {
    kernel: 'ScatterNd',
    inputs: (data) => ({ indices: integers([], [0, 1]), updates: data([0, 3]) }),
    attrs: { shape: [4, 3] },
  },
  {
    kernel: 'TensorScatterUpdate',
    inputs: (data) => ({
      tensor: data([4, 3]),
      indices: integers([2, 0], [2, 1]),
      updates: data([2, 3]),
    }),
    attrs: {},
  },
  {
    kernel: 'SparseToDense',
    inputs: (data) => ({
      sparseIndices: integers([1, 2, 0, 0], [2, 2]),
      sparseValues: data([2]),
      defaultValue: data([]),
    }),
    attrs: { outputShape: [2, 3] },
  },
  {
    kernel: 'SparseToDense',
    inputs: (data) => ({
      sparseIndices: integers([3, 0], [2]),
      sparseValues: data([]),
      defaultValue: data([]),
    }),
    attrs: { outputShape: [5] },
  },
  { kernel: 'Diag', inputs: (data) => ({ x: data([3]) }) },
  { kernel: 'Unique', inputs: (data) => ({ x: data([9]) }), attrs: { axis: 0 } },
  { kernel: 'Unique', inputs: (data) => ({ x: data([4, 2]) }), attrs: { axis: 1 } },
  ...(
    [
      [[7], 3],
      [[2, 5], 2],
      [[2, 5], 5],
      [[2, 5], 0],
      [[0, 5], 2],
    ] as const
  ).map(
    ([shape, k]): KernelCase => ({
      kernel: 'TopK',
      inputs: (data) => ({ x: data(shape) }),
      attrs: { k, sorted: true },
    }),
  ),
  ...(['float32', 'int32', 'bool'] as const).map(
    (dtype): KernelCase => ({
      kernel: 'OneHot',
      inputs: () => ({ indices: integers([1, 0, 3, 2]) }),
      attrs: { dtype, depth: 4, onValue: 1, offValue: 0 },
    }),
  ),
  {
    kernel: 'Fill',
    inputs: () => ({}),
    attrs: (dtype) => ({ shape: [2, 3], value: dtype === 'string' ? 'ä' : 1, dtype }),
  },
  {
    kernel: 'Range',
    inputs: () => ({}),
    attrs: (dtype) => ({ start: 1, stop: 7, step: 2, dtype }),
  },
];
