import { inputsOf } from './references';
import type { Distribution, GraphNode } from './types';

/** What this package knows about a kernel of tfjs. */
export interface KernelInfo {
  /** TensorFlow's operation; default: the kernel's name. Null if TensorFlow has none. */
  readonly op?: string | null;
  /** The last part of the names of such operations in a graph; default: the kernel's name. */
  readonly label?: string;
  /** The inputs' names, in tfjs's order, or `list` for a kernel that is called with an array of tensors. */
  readonly inputs: readonly string[] | 'list';
  /** Inputs whose values the kernel does not read. */
  readonly shapeOnly?: readonly string[];
  /** The result is the same, bit for bit, if the inputs are swapped. */
  readonly commutes?: true;
  /** An elementwise operation that broadcasts its inputs, scalars included. */
  readonly broadcasts?: true;
  /** The output has the elements of the input, so it is the input if dtype and shape are the same. */
  readonly copies?: true;
  /** Every element of the output has this value. */
  readonly fill?: 0 | 1;
  /** The output's shape depends on the values of the inputs, which a graph can't express. */
  readonly shapeFromValues?: true;
  /** Each call draws other random numbers. */
  readonly stateful?: true;
}

/** Every kernel of tfjs 4.22, and those of recurrences. */
const kernels: Readonly<Record<string, KernelInfo>> = {
  Abs: { inputs: ['x'] },
  Acos: { inputs: ['x'] },
  Acosh: { inputs: ['x'] },
  Add: { op: 'AddV2', inputs: ['a', 'b'], broadcasts: true, commutes: true },
  AddN: { inputs: 'list' },
  All: { inputs: ['x'] },
  Any: { inputs: ['x'] },
  ArgMax: { inputs: ['x'] },
  ArgMin: { inputs: ['x'] },
  Asin: { inputs: ['x'] },
  Asinh: { inputs: ['x'] },
  Atan: { inputs: ['x'] },
  Atan2: { inputs: ['a', 'b'] },
  Atanh: { inputs: ['x'] },
  AvgPool: { inputs: ['x'] },
  AvgPool3D: { inputs: ['x'] },
  AvgPool3DGrad: { inputs: ['dy', 'input'], shapeOnly: ['input'] },
  AvgPoolGrad: { inputs: ['dy', 'input'], shapeOnly: ['input'] },
  BatchMatMul: { op: 'BatchMatMulV2', label: 'MatMul', inputs: ['a', 'b'] },
  BatchToSpaceND: { inputs: ['x'] },
  Bincount: { inputs: ['x', 'weights'] },
  BitwiseAnd: { inputs: ['a', 'b'], commutes: true },
  BroadcastArgs: { inputs: ['s0', 's1'] },
  BroadcastTo: { inputs: ['x'] },
  Cast: { inputs: ['x'], copies: true },
  Ceil: { inputs: ['x'] },
  ClipByValue: { inputs: ['x'] },
  Complex: { inputs: ['real', 'imag'] },
  ComplexAbs: { inputs: ['x'] },
  Concat: { op: 'ConcatV2', inputs: 'list' },
  Conv2D: { inputs: ['x', 'filter'] },
  Conv2DBackpropFilter: { inputs: ['x', 'dy'] },
  Conv2DBackpropInput: { inputs: ['dy', 'filter'] },
  Conv3D: { inputs: ['x', 'filter'] },
  Conv3DBackpropFilterV2: { inputs: ['x', 'dy'] },
  Conv3DBackpropInputV2: { inputs: ['dy', 'filter'] },
  Cos: { inputs: ['x'] },
  Cosh: { inputs: ['x'] },
  CropAndResize: { inputs: ['image', 'boxes', 'boxInd'] },
  Cumprod: { inputs: ['x'] },
  Cumsum: { inputs: ['x'] },
  DenseBincount: { inputs: ['x', 'weights'] },
  DepthToSpace: { inputs: ['x'] },
  DepthwiseConv2dNative: { inputs: ['x', 'filter'] },
  DepthwiseConv2dNativeBackpropFilter: { inputs: ['x', 'dy'] },
  DepthwiseConv2dNativeBackpropInput: { inputs: ['dy', 'filter'] },
  Diag: { inputs: ['x'] },
  Dilation2D: { inputs: ['x', 'filter'] },
  Dilation2DBackpropFilter: { inputs: ['x', 'filter', 'dy'] },
  Dilation2DBackpropInput: { inputs: ['x', 'filter', 'dy'] },
  Draw: { op: null, inputs: ['image'] },
  Einsum: { inputs: 'list' },
  ElistimatorScan: { op: null, label: 'Scan', inputs: 'list' },
  ElistimatorScanGradient: { op: null, label: 'ScanGradient', inputs: 'list' },
  Elu: { inputs: ['x'] },
  EluGrad: { inputs: ['dy', 'y'] },
  Equal: { inputs: ['a', 'b'], commutes: true },
  Erf: { inputs: ['x'] },
  Exp: { inputs: ['x'] },
  ExpandDims: { inputs: ['input'] },
  Expm1: { inputs: ['x'] },
  FFT: { inputs: ['input'] },
  Fill: { inputs: [] },
  FlipLeftRight: { op: null, inputs: ['image'] },
  Floor: { inputs: ['x'] },
  FloorDiv: { inputs: ['a', 'b'] },
  FusedBatchNorm: { op: 'FusedBatchNormV3', inputs: ['x', 'scale', 'offset', 'mean', 'variance'] },
  FusedConv2D: {
    op: '_FusedConv2D',
    label: 'Conv2D',
    inputs: ['x', 'filter', 'bias', 'preluActivationWeights'],
  },
  FusedDepthwiseConv2D: {
    op: '_FusedDepthwiseConv2dNative',
    label: 'DepthwiseConv2dNative',
    inputs: ['x', 'filter', 'bias', 'preluActivationWeights'],
  },
  _FusedMatMul: { label: 'MatMul', inputs: ['a', 'b', 'bias', 'preluActivationWeights'] },
  GatherNd: { inputs: ['params', 'indices'] },
  GatherV2: { inputs: ['x', 'indices'] },
  Greater: { inputs: ['a', 'b'] },
  GreaterEqual: { inputs: ['a', 'b'] },
  Identity: { inputs: ['x'], copies: true },
  IFFT: { inputs: ['input'] },
  Imag: { inputs: ['input'] },
  IsFinite: { inputs: ['x'] },
  IsInf: { inputs: ['x'] },
  IsNan: { inputs: ['x'] },
  LeakyRelu: { inputs: ['x'] },
  Less: { inputs: ['a', 'b'] },
  LessEqual: { inputs: ['a', 'b'] },
  LinSpace: { inputs: [] },
  Log: { inputs: ['x'] },
  Log1p: { inputs: ['x'] },
  LogicalAnd: { inputs: ['a', 'b'], commutes: true },
  LogicalNot: { inputs: ['x'] },
  LogicalOr: { inputs: ['a', 'b'], commutes: true },
  LogicalXor: { inputs: ['a', 'b'] },
  LogSoftmax: { inputs: ['logits'] },
  LowerBound: { inputs: ['sortedSequence', 'values'] },
  LRN: { inputs: ['x'] },
  LRNGrad: { inputs: ['x', 'y', 'dy'] },
  MatrixBandPart: { inputs: ['input', 'numLower', 'numUpper'] },
  Max: { inputs: ['x'] },
  Maximum: { inputs: ['a', 'b'], broadcasts: true },
  MaxPool: { inputs: ['x'] },
  MaxPool3D: { inputs: ['x'] },
  MaxPool3DGrad: { inputs: ['dy', 'input', 'output'] },
  MaxPoolGrad: { inputs: ['dy', 'input', 'output'] },
  MaxPoolWithArgmax: { inputs: ['x'] },
  Mean: { inputs: ['x'] },
  Min: { inputs: ['x'] },
  Minimum: { inputs: ['a', 'b'], broadcasts: true },
  MirrorPad: { inputs: ['x'] },
  Mod: { op: 'FloorMod', inputs: ['a', 'b'] },
  Multinomial: { inputs: ['logits'], stateful: true },
  Multiply: { op: 'Mul', label: 'Mul', inputs: ['a', 'b'], broadcasts: true, commutes: true },
  Neg: { inputs: ['x'] },
  NonMaxSuppressionV3: { inputs: ['boxes', 'scores'], shapeFromValues: true },
  NonMaxSuppressionV4: { inputs: ['boxes', 'scores'] },
  NonMaxSuppressionV5: { inputs: ['boxes', 'scores'], shapeFromValues: true },
  NotEqual: { inputs: ['a', 'b'], commutes: true },
  OneHot: { inputs: ['indices'] },
  OnesLike: { inputs: ['x'], shapeOnly: ['x'], fill: 1 },
  Pack: { inputs: 'list' },
  PadV2: { inputs: ['x'] },
  Pool: { op: null, inputs: ['input'] },
  Pow: { inputs: ['a', 'b'] },
  Prelu: { op: null, inputs: ['x', 'alpha'] },
  Prod: { inputs: ['x'] },
  RaggedGather: {
    inputs: ['paramsNestedSplits', 'paramsDenseValues', 'indices'],
    shapeFromValues: true,
  },
  RaggedRange: { inputs: ['starts', 'limits', 'deltas'], shapeFromValues: true },
  RaggedTensorToTensor: {
    inputs: ['shape', 'values', 'defaultValue', 'rowPartitionTensors'],
    shapeFromValues: true,
  },
  Range: { inputs: [] },
  Real: { inputs: ['input'] },
  RealDiv: { inputs: ['a', 'b'], broadcasts: true },
  Reciprocal: { inputs: ['x'] },
  Relu: { inputs: ['x'] },
  Relu6: { inputs: ['x'] },
  Reshape: { inputs: ['x'], copies: true },
  ResizeBilinear: { inputs: ['images'] },
  ResizeBilinearGrad: { inputs: ['images', 'dy'], shapeOnly: ['images'] },
  ResizeNearestNeighbor: { inputs: ['images'] },
  ResizeNearestNeighborGrad: { inputs: ['images', 'dy'], shapeOnly: ['images'] },
  Reverse: { op: 'ReverseV2', inputs: ['x'] },
  RotateWithOffset: { op: null, inputs: ['image'] },
  Round: { inputs: ['x'] },
  Rsqrt: { inputs: ['x'] },
  ScatterNd: { inputs: ['indices', 'updates'] },
  SearchSorted: { op: null, inputs: ['sortedSequence', 'values'] },
  Select: { op: 'SelectV2', inputs: ['condition', 't', 'e'] },
  Selu: { inputs: ['x'] },
  Sigmoid: { inputs: ['x'] },
  Sign: { inputs: ['x'] },
  Sin: { inputs: ['x'] },
  Sinh: { inputs: ['x'] },
  Slice: { inputs: ['x'] },
  Softmax: { inputs: ['logits'] },
  Softplus: { inputs: ['x'] },
  SpaceToBatchND: { inputs: ['x'] },
  SparseFillEmptyRows: {
    inputs: ['indices', 'values', 'denseShape', 'defaultValue'],
    shapeFromValues: true,
  },
  SparseReshape: { inputs: ['inputIndices', 'inputShape', 'newShape'], shapeFromValues: true },
  SparseSegmentMean: { inputs: ['data', 'indices', 'segmentIds'] },
  SparseSegmentSum: { inputs: ['data', 'indices', 'segmentIds'] },
  SparseToDense: { inputs: ['sparseIndices', 'sparseValues', 'defaultValue'] },
  SplitV: { inputs: ['x'] },
  Sqrt: { inputs: ['x'] },
  Square: { inputs: ['x'] },
  SquaredDifference: { inputs: ['a', 'b'], commutes: true },
  StaticRegexReplace: { inputs: ['x'] },
  Step: { op: null, inputs: ['x'] },
  StridedSlice: { inputs: ['x'] },
  StringNGrams: { inputs: ['data', 'dataSplits'], shapeFromValues: true },
  StringSplit: { inputs: ['input', 'delimiter'], shapeFromValues: true },
  StringToHashBucketFast: { inputs: ['input'] },
  Sub: { inputs: ['a', 'b'], broadcasts: true },
  Sum: { inputs: ['x'] },
  Tan: { inputs: ['x'] },
  Tanh: { inputs: ['x'] },
  TensorScatterUpdate: { inputs: ['tensor', 'indices', 'updates'] },
  Tile: { inputs: ['x'] },
  TopK: { op: 'TopKV2', inputs: ['x'] },
  Transform: { op: 'ImageProjectiveTransformV2', inputs: ['image', 'transforms'] },
  Transpose: { inputs: ['x'] },
  Unique: { op: 'UniqueV2', inputs: ['x'], shapeFromValues: true },
  Unpack: { inputs: ['value'] },
  UnsortedSegmentSum: { inputs: ['x', 'segmentIds'] },
  UpperBound: { inputs: ['sortedSequence', 'values'] },
  Where: { inputs: ['condition'], shapeFromValues: true },
  ZerosLike: { inputs: ['x'], shapeOnly: ['x'], fill: 0 },
};

/** @returns undefined for a kernel that is not tfjs's own */
export const kernelInfo = (kernel: string): KernelInfo | undefined =>
  Object.hasOwn(kernels, kernel) ? kernels[kernel] : undefined;

/**
 * The name of the TensorFlow operation that a kernel performs, or the kernel's own name if TensorFlow has
 * none.
 *
 * @param rank of the first input: TensorFlow has a separate operation for the product of two matrices
 */
export const tensorflowOp = (kernel: string, rank?: number): string => {
  if (kernel === 'BatchMatMul' && rank === 2) return 'MatMul';
  return kernelInfo(kernel)?.op ?? kernel;
};

/** The last part of an operation's name: what the operation does. */
export const kernelLabel = (kernel: string): string => kernelInfo(kernel)?.label ?? kernel;

/** Whether the kernel is called with an array of tensors. Kernels that are not tfjs's own name them 0, 1, 2 … */
export const takesList = (kernel: string, inputNames: readonly string[]): boolean => {
  const info = kernelInfo(kernel);
  if (info !== undefined) return info.inputs === 'list';
  return inputNames.length > 0 && inputNames.every((name, index) => name === String(index));
};

/** Whether the kernel reads the values of this input, and not only its shape and dtype. */
export const readsValues = (kernel: string, inputName: string): boolean =>
  !kernelInfo(kernel)?.shapeOnly?.includes(inputName);

const randomOps: Readonly<Record<Distribution, string>> = {
  uniform: 'RandomUniform',
  normal: 'RandomStandardNormal',
  truncatedNormal: 'TruncatedNormal',
};

/** TensorFlow's name for what a node does. */
export const operationType = (node: GraphNode, nodes: readonly GraphNode[]): string => {
  switch (node.kind) {
    case 'placeholder':
      return 'Placeholder';
    case 'variable':
      return 'VariableV2';
    case 'constant':
      return 'Const';
    case 'random':
      return randomOps[node.distribution];
    case 'kernel': {
      const [first] = inputsOf(node);
      const type = first && nodes[first.node]?.outputs[first.output];
      return tensorflowOp(node.kernel, type?.shape.length);
    }
  }
};
