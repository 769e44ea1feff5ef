import { integers, type KernelCase } from './kernel-case';

const reductions = ['All', 'Any', 'Max', 'Mean', 'Min', 'Prod', 'Sum'];

const axesOf: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[6], [0]],
  [[2, 3], [0]],
  [[2, 3], [1]],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [[2, 3], []],
  [[], []],
  [[0, 3], [0]],
  [[2, 0], [1]],
  [[0, 3], [1]],
];

/** Kernels that reduce, accumulate or count. */
export const reductionCases: readonly KernelCase[] = [
  ...reductions.flatMap((kernel) =>
    axesOf.flatMap(([shape, axis]) =>
      [false, true].map(
        (keepDims): KernelCase => ({
          kernel,
          inputs: (data) => ({ x: data(shape) }),
          attrs: { axis, reductionIndices: axis, keepDims },
        }),
      ),
    ),
  ),
  ...['ArgMax', 'ArgMin'].flatMap((kernel) =>
    (
      [
        [[6], 0],
        [[2, 3], 0],
        [[2, 3], 1],
        [[2, 3, 4], 1],
        [[0, 3], 1],
      ] as const
    ).map(
      ([shape, axis]): KernelCase => ({
        kernel,
        inputs: (data) => ({ x: data(shape) }),
        attrs: { axis: [axis] },
      }),
    ),
  ),
  ...['Cumsum', 'Cumprod'].flatMap((kernel) =>
    (
      [
        [[6], 0, false, false],
        [[2, 3], 0, true, false],
        [[2, 3], 1, false, true],
        [[2, 3, 2], 1, true, true],
        [[0, 3], 1, false, false],
      ] as const
    ).map(
      ([shape, axis, exclusive, reverse]): KernelCase => ({
        kernel,
        inputs: (data) => ({ x: data(shape) }),
        attrs: { axis, exclusive, reverse },
      }),
    ),
  ),
  ...([[2, 3], [4], [2, 0]] as const).map(
    (shape): KernelCase => ({
      kernel: 'Softmax',
      inputs: (data) => ({ logits: data(shape) }),
      attrs: { dim: shape.length - 1 },
    }),
  ),
  {
    kernel: 'Bincount',
    inputs: (data) => ({ x: integers([1, 2, 2, 0]), weights: data([4]) }),
    attrs: { size: 4 },
  },
  {
    kernel: 'Bincount',
    inputs: (data) => ({ x: integers([1, 2, 2, 0]), weights: data([0]) }),
    attrs: { size: 4 },
  },
  ...[true, false].flatMap((binaryOutput): KernelCase[] => [
    {
      kernel: 'DenseBincount',
      inputs: (data) => ({ x: integers([1, 2, 2, 0]), weights: data([4]) }),
      attrs: { size: 4, binaryOutput },
    },
    {
      kernel: 'DenseBincount',
      inputs: (data) => ({ x: integers([1, 2, 2, 0], [2, 2]), weights: data([0]) }),
      attrs: { size: 4, binaryOutput },
    },
  ]),
  {
    kernel: 'UnsortedSegmentSum',
    inputs: (data) => ({ x: data([4, 2]), segmentIds: integers([1, 0, 1, 2]) }),
    attrs: { numSegments: 3 },
  },
  {
    kernel: 'UnsortedSegmentSum',
    inputs: (data) => ({ x: data([0, 2]), segmentIds: integers([]) }),
    attrs: { numSegments: 3 },
  },
  ...['SparseSegmentMean', 'SparseSegmentSum'].map(
    (kernel): KernelCase => ({
      kernel,
      inputs: (data) => ({
        data: data([3, 4]),
        indices: integers([0, 2, 1]),
        segmentIds: integers([0, 0, 1]),
      }),
    }),
  ),
  {
    kernel: 'SearchSorted',
    inputs: (data) => ({ sortedSequence: data([1, 1]), values: data([1, 3]) }),
    attrs: { side: 'left' },
  },
  {
    kernel: 'SearchSorted',
    inputs: (data) => ({ sortedSequence: data([1, 1]), values: data([1, 3]) }),
    attrs: { side: 'right' },
  },
];
