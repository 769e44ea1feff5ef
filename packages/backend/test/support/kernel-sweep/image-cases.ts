import { floats, integers, type KernelCase } from './kernel-case';

const convolution = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
const pooling = { filterSize: [2, 2], strides: [2, 2], pad: 'same' };
const volumePooling = {
  filterSize: [2, 2, 2],
  strides: [2, 2, 2],
  pad: 'valid',
  dataFormat: 'NDHWC',
};
const image = [2, 4, 4, 3];
const pooled = [2, 2, 2, 3];
const volume = [1, 4, 4, 4, 2];
const pooledVolume = [1, 2, 2, 2, 2];
const erosion = { strides: 1, pad: 'same', dilations: 1 };
const normalization = { depthRadius: 2, bias: 1, alpha: 0.5, beta: 0.5 };
const activation = { activation: 'relu', leakyreluAlpha: 0.2 };

/** Convolutions, poolings, matrix products and kernels on images. */
export const imageCases: readonly KernelCase[] = [
  {
    kernel: 'Conv2D',
    inputs: (data) => ({ x: data(image), filter: data([3, 2, 3, 2]) }),
    attrs: convolution,
  },
  {
    kernel: 'Conv2DBackpropFilter',
    inputs: (data) => ({ x: data(image), dy: data([2, 4, 4, 2]) }),
    attrs: { ...convolution, filterShape: [3, 2, 3, 2] },
  },
  {
    kernel: 'Conv2DBackpropInput',
    inputs: (data) => ({ dy: data([2, 4, 4, 2]), filter: data([3, 2, 3, 2]) }),
    attrs: { ...convolution, inputShape: image },
  },
  {
    kernel: 'FusedConv2D',
    inputs: (data) => ({ x: data(image), filter: data([3, 2, 3, 2]), bias: data([2]) }),
    attrs: { ...convolution, ...activation },
  },
  {
    kernel: 'FusedConv2D',
    inputs: (data) => ({
      x: data(image),
      filter: data([3, 2, 3, 2]),
      bias: data([2]),
      preluActivationWeights: data([2]),
    }),
    attrs: { ...convolution, activation: 'prelu' },
  },
  {
    kernel: 'DepthwiseConv2dNative',
    inputs: (data) => ({ x: data(image), filter: data([3, 2, 3, 2]) }),
    attrs: convolution,
  },
  {
    kernel: 'FusedDepthwiseConv2D',
    inputs: (data) => ({ x: data(image), filter: data([3, 2, 3, 2]), bias: data([6]) }),
    attrs: { ...convolution, ...activation },
  },
  {
    kernel: 'DepthwiseConv2dNativeBackpropFilter',
    inputs: (data) => ({ x: data(image), dy: data([2, 4, 4, 6]) }),
    attrs: { ...convolution, filterShape: [3, 2, 3, 2] },
  },
  {
    kernel: 'DepthwiseConv2dNativeBackpropInput',
    inputs: (data) => ({ dy: data([2, 4, 4, 6]), filter: data([3, 2, 3, 2]) }),
    attrs: { ...convolution, inputShape: image },
  },
  {
    kernel: 'Conv3D',
    inputs: (data) => ({ x: data(volume), filter: data([2, 2, 2, 2, 3]) }),
    attrs: { strides: 1, pad: 'same', dilations: 1 },
  },
  {
    kernel: 'Conv3DBackpropFilterV2',
    inputs: (data) => ({ x: data(volume), dy: data([1, 4, 4, 4, 3]) }),
    attrs: { strides: 1, pad: 'same', filterShape: [2, 2, 2, 2, 3] },
  },
  {
    kernel: 'Conv3DBackpropInputV2',
    inputs: (data) => ({ dy: data([1, 4, 4, 4, 3]), filter: data([2, 2, 2, 2, 3]) }),
    attrs: { strides: 1, pad: 'same', inputShape: volume },
  },
  ...['AvgPool', 'MaxPool'].flatMap((kernel): KernelCase[] => [
    { kernel, inputs: (data) => ({ x: data(image) }), attrs: pooling },
    { kernel, inputs: (data) => ({ x: data([0, 4, 4, 3]) }), attrs: pooling },
    {
      kernel,
      inputs: (data) => ({ x: data(image) }),
      attrs: { filterSize: [1, 1], strides: [1, 1], pad: 'valid' },
    },
  ]),
  {
    kernel: 'AvgPoolGrad',
    inputs: (data) => ({ dy: data(pooled), input: data(image) }),
    attrs: pooling,
  },
  {
    kernel: 'MaxPoolGrad',
    inputs: (data) => ({ dy: data(pooled), input: data(image), output: data(pooled) }),
    attrs: pooling,
  },
  ...['AvgPool3D', 'MaxPool3D'].map(
    (kernel): KernelCase => ({
      kernel,
      inputs: (data) => ({ x: data(volume) }),
      attrs: volumePooling,
    }),
  ),
  {
    kernel: 'AvgPool3DGrad',
    inputs: (data) => ({ dy: data(pooledVolume), input: data(volume) }),
    attrs: volumePooling,
  },
  {
    kernel: 'MaxPool3DGrad',
    inputs: (data) => ({
      dy: data(pooledVolume),
      input: data(volume),
      output: data(pooledVolume),
    }),
    attrs: volumePooling,
  },
  {
    kernel: 'MaxPoolWithArgmax',
    inputs: (data) => ({ x: data(image) }),
    attrs: { ...pooling, includeBatchInIndex: true },
  },
  {
    kernel: 'Dilation2D',
    inputs: (data) => ({ x: data(image), filter: data([2, 2, 3]) }),
    attrs: erosion,
  },
  ...['Dilation2DBackpropFilter', 'Dilation2DBackpropInput'].map(
    (kernel): KernelCase => ({
      kernel,
      inputs: (data) => ({ x: data(image), filter: data([2, 2, 3]), dy: data(image) }),
      attrs: erosion,
    }),
  ),
  {
    kernel: 'BatchMatMul',
    inputs: (data) => ({ a: data([2, 2, 3]), b: data([2, 3, 4]) }),
    attrs: { transposeA: false, transposeB: false },
  },
  {
    kernel: 'BatchMatMul',
    inputs: (data) => ({ a: data([1, 2, 0]), b: data([1, 0, 4]) }),
    attrs: { transposeA: false, transposeB: false },
  },
  {
    kernel: '_FusedMatMul',
    inputs: (data) => ({ a: data([1, 2, 3]), b: data([1, 3, 4]), bias: data([4]) }),
    attrs: { transposeA: false, transposeB: false, ...activation },
  },
  {
    kernel: 'Einsum',
    inputs: (data) => [data([2, 3]), data([3, 4])],
    attrs: { equation: 'ij,jk->ki' },
  },
  {
    kernel: 'FusedBatchNorm',
    inputs: (data) => ({
      x: data(image),
      mean: data([3]),
      variance: data([3]),
      offset: data([3]),
      scale: data([3]),
    }),
    attrs: { varianceEpsilon: 0.001 },
  },
  { kernel: 'LRN', inputs: (data) => ({ x: data(image) }), attrs: normalization },
  {
    kernel: 'LRNGrad',
    inputs: (data) => ({ x: data(image), y: data(image), dy: data(image) }),
    attrs: normalization,
  },
  { kernel: 'FlipLeftRight', inputs: (data) => ({ image: data(image) }) },
  {
    kernel: 'RotateWithOffset',
    inputs: (data) => ({ image: data(image) }),
    attrs: { radians: 0.4, fillValue: 0, center: 0.5 },
  },
  ...['nearest', 'bilinear'].map(
    (interpolation): KernelCase => ({
      kernel: 'Transform',
      inputs: (data) => ({
        image: data([1, 4, 4, 3]),
        transforms: floats([1, 0.2, 0, 0.1, 1, 0.5, 0, 0], [1, 8]),
      }),
      attrs: { interpolation, fillMode: 'reflect', fillValue: 0 },
    }),
  ),
  ...['nearest', 'bilinear'].map(
    (method): KernelCase => ({
      kernel: 'CropAndResize',
      inputs: (data) => ({
        image: data(image),
        boxes: floats([0, 0, 1, 1, 0.2, 0.3, 0.9, 0.8], [2, 4]),
        boxInd: integers([1, 0]),
      }),
      attrs: { method, extrapolationValue: 0, cropSize: [3, 3] },
    }),
  ),
  ...['ResizeBilinear', 'ResizeNearestNeighbor'].flatMap((kernel): KernelCase[] => [
    {
      kernel,
      inputs: (data) => ({ images: data(image) }),
      attrs: { alignCorners: false, halfPixelCenters: false, size: [3, 7] },
    },
    {
      kernel: `${kernel}Grad`,
      inputs: (data) => ({ images: data([1, 3, 3, 2]), dy: data([1, 6, 6, 2]) }),
      attrs: { alignCorners: false },
    },
  ]),
  ...['FFT', 'IFFT'].map(
    (kernel): KernelCase => ({ kernel, inputs: (data) => ({ input: data([2, 5]) }) }),
  ),
];
