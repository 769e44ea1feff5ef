import * as tf from '@tensorflow/tfjs';

type Dtype = tf.DataType;

/**
 * How a kernel handles data of a dtype: `kernel` runs it as it is, another dtype converts the data to it,
 * and `cpu` runs tfjs's cpu kernel. Data of a dtype without an entry is rejected.
 */
type Remedy = 'kernel' | 'cpu' | Exclude<Dtype, 'string' | 'complex64'>;

/** How a kernel treats each dtype of its inputs. */
export interface DtypeRule {
  /** The inputs that have to share a dtype. Default: all that are not in `fixed`. */
  readonly data?: readonly string[];
  /** Inputs with a dtype of their own, such as indices. Other dtypes are converted. */
  readonly fixed?: Readonly<Record<string, 'int32' | 'float32' | 'bool'>>;
  readonly remedies: Readonly<Partial<Record<Dtype, Remedy>>>;
  /** The results that are converted back if the data was converted. Default: the first. */
  readonly restored?: readonly number[];
}

const indices = { indices: 'int32' } as const;

const onCpu = { string: 'cpu', complex64: 'cpu' } as const satisfies DtypeRule['remedies'];
const native = {
  float32: 'kernel',
  int32: 'kernel',
  bool: 'kernel',
} as const satisfies DtypeRule['remedies'];
/** Stock reads bool as four bytes, or doesn't write the result. */
const boolAsInteger = { ...native, bool: 'int32' } as const satisfies DtypeRule['remedies'];
/** Stock reads every dtype as float32. */
const numbersAsFloat = {
  float32: 'kernel',
  int32: 'float32',
} as const satisfies DtypeRule['remedies'];
const asFloat = {
  ...numbersAsFloat,
  bool: 'float32',
} as const satisfies DtypeRule['remedies'];
const floatOnly = { float32: 'kernel' } as const satisfies DtypeRule['remedies'];
const booleansOnly = { bool: 'kernel' } as const satisfies DtypeRule['remedies'];
const integersOnly = { int32: 'kernel' } as const satisfies DtypeRule['remedies'];
const string = { string: 'cpu' } as const satisfies DtypeRule['remedies'];
const complex = { complex64: 'cpu' } as const satisfies DtypeRule['remedies'];
const none = {} as const satisfies DtypeRule['remedies'];
const all = {
  ...native,
  string: 'kernel',
  complex64: 'kernel',
} as const satisfies DtypeRule['remedies'];

const rulesOf = (names: readonly string[], rule: DtypeRule): Readonly<Record<string, DtypeRule>> =>
  Object.fromEntries(names.map((name) => [name, rule]));

const keepResult = { restored: [] } as const;

const unary = {
  ...rulesOf(
    [
      tf.Acos,
      tf.Acosh,
      tf.Asin,
      tf.Asinh,
      tf.Atan,
      tf.Atanh,
      tf.Cos,
      tf.Cosh,
      tf.Elu,
      tf.Expm1,
      tf.Log,
      tf.Log1p,
      tf.Reciprocal,
      tf.Relu6,
      tf.Rsqrt,
      tf.Selu,
      tf.Sigmoid,
      tf.Sin,
      tf.Sinh,
      tf.Softplus,
      tf.Sqrt,
      tf.Tan,
      tf.Tanh,
    ],
    { remedies: numbersAsFloat },
  ),
  [tf.Erf]: { remedies: floatOnly },
  [tf.Softmax]: { remedies: numbersAsFloat, ...keepResult },
  ...rulesOf([tf.Exp, tf.IsFinite, tf.IsInf, tf.IsNan, tf.LeakyRelu], {
    remedies: asFloat,
    ...keepResult,
  }),
  ...rulesOf([tf.Abs, tf.Neg, tf.Relu, tf.Sign, tf.Square, tf.Step, tf.ClipByValue], {
    remedies: boolAsInteger,
  }),
  ...rulesOf([tf.Ceil, tf.Floor, tf.Round], { remedies: native }),
  [tf.LogicalNot]: { remedies: booleansOnly },
  ...rulesOf([tf.OnesLike, tf.ZerosLike], { remedies: { ...native, ...complex } }),
} as const satisfies Readonly<Record<string, DtypeRule>>;

const binary = {
  ...rulesOf([tf.Add, tf.Multiply, tf.Sub], { remedies: { ...native, ...complex } }),
  ...rulesOf([tf.Pow, tf.SquaredDifference], { remedies: native }),
  ...rulesOf([tf.Atan2, tf.Maximum, tf.Minimum, tf.Mod, tf.RealDiv, tf.AddN], {
    remedies: boolAsInteger,
  }),
  [tf.FloorDiv]: { remedies: boolAsInteger, ...keepResult },
  [tf.BitwiseAnd]: { remedies: integersOnly },
  ...rulesOf([tf.Equal, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.NotEqual], {
    remedies: { ...native, ...string },
  }),
  ...rulesOf([tf.LogicalAnd, tf.LogicalOr, tf.LogicalXor], { remedies: booleansOnly }),
  ...rulesOf([tf.Prelu, tf.EluGrad], { remedies: asFloat, ...keepResult }),
  [tf.Select]: { fixed: { condition: 'bool' }, remedies: boolAsInteger },
} as const satisfies Readonly<Record<string, DtypeRule>>;

const arrays = {
  ...rulesOf([tf.Identity, tf.Reshape, tf.ExpandDims], {
    remedies: all,
  }),
  ...rulesOf([tf.Concat, tf.Pack, tf.Slice], { remedies: { ...native, ...onCpu } }),
  ...rulesOf(
    [tf.BatchToSpaceND, tf.PadV2, tf.SplitV, tf.Tile, tf.Transpose, tf.Unique, tf.Unpack],
    { remedies: { ...native, ...string } },
  ),
  ...rulesOf([tf.SpaceToBatchND, tf.MirrorPad, tf.Diag], { remedies: native }),
  ...rulesOf([tf.Reverse, tf.StridedSlice], { remedies: { ...boolAsInteger, ...string } }),
  [tf.DepthToSpace]: { remedies: boolAsInteger },
  ...rulesOf([tf.GatherV2], { fixed: indices, remedies: { ...native, ...string } }),
  ...rulesOf([tf.GatherNd, tf.ScatterNd], { fixed: indices, remedies: { ...native, ...string } }),
  [tf.TensorScatterUpdate]: { fixed: indices, remedies: { ...native, ...string } },
  [tf.SparseToDense]: {
    fixed: { sparseIndices: 'int32' },
    remedies: { ...native, ...string },
  },
  [tf.TopK]: { remedies: boolAsInteger },
  [tf.OneHot]: { data: [], fixed: indices, remedies: none },
} as const satisfies Readonly<Record<string, DtypeRule>>;

const reductions = {
  ...rulesOf([tf.All, tf.Any], { remedies: booleansOnly }),
  ...rulesOf([tf.Max, tf.Min], { remedies: native }),
  ...rulesOf([tf.ArgMax, tf.ArgMin, tf.SearchSorted], { remedies: boolAsInteger, ...keepResult }),
  [tf.Mean]: { remedies: native },
  ...rulesOf([tf.Prod, tf.Sum], { remedies: boolAsInteger, ...keepResult }),
  ...rulesOf([tf.Cumprod, tf.Cumsum], { remedies: { float32: 'kernel', int32: 'kernel' } }),
  ...rulesOf([tf.Bincount, tf.DenseBincount], {
    fixed: { x: 'int32' },
    remedies: { float32: 'kernel', int32: 'kernel' },
  }),
  ...rulesOf([tf.SparseSegmentMean, tf.SparseSegmentSum], {
    fixed: { indices: 'int32', segmentIds: 'int32' },
    remedies: { float32: 'kernel', int32: 'kernel' },
  }),
  [tf.UnsortedSegmentSum]: {
    fixed: { segmentIds: 'int32' },
    remedies: { float32: 'kernel', int32: 'kernel' },
  },
} as const satisfies Readonly<Record<string, DtypeRule>>;

const images = {
  ...rulesOf(
    [
      tf.AvgPool3DGrad,
      tf.AvgPoolGrad,
      tf.Conv2DBackpropFilter,
      tf.Conv2DBackpropInput,
      tf.Conv3D,
      tf.Conv3DBackpropFilterV2,
      tf.Conv3DBackpropInputV2,
      tf.DepthwiseConv2dNativeBackpropFilter,
      tf.DepthwiseConv2dNativeBackpropInput,
      tf.FusedBatchNorm,
      tf.FusedConv2D,
      tf.FusedDepthwiseConv2D,
      tf.LRN,
      tf.LRNGrad,
      tf.MaxPool3DGrad,
      tf.MaxPoolGrad,
      tf.Multinomial,
      tf.ResizeBilinearGrad,
      tf.ResizeNearestNeighborGrad,
      tf.Einsum,
      tf._FusedMatMul,
    ],
    { remedies: floatOnly },
  ),
  ...rulesOf(
    [
      tf.AvgPool,
      tf.Conv2D,
      tf.DepthwiseConv2dNative,
      tf.FlipLeftRight,
      tf.MaxPool,
      tf.ResizeNearestNeighbor,
      tf.RotateWithOffset,
    ],
    { remedies: numbersAsFloat },
  ),
  ...rulesOf([tf.AvgPool3D, tf.MaxPool3D], { remedies: numbersAsFloat, ...keepResult }),
  [tf.Transform]: {
    fixed: { transforms: 'float32' },
    remedies: { float32: 'kernel', int32: 'cpu' },
  },
  [tf.CropAndResize]: {
    fixed: { boxes: 'float32', boxInd: 'int32' },
    remedies: asFloat,
    ...keepResult,
  },
  [tf.ResizeBilinear]: { remedies: asFloat, ...keepResult },
  [tf.BatchMatMul]: { remedies: { float32: 'kernel', int32: 'kernel' } },
  // Stock starts each maximum at the least positive number.
  ...rulesOf(
    [tf.Dilation2D, tf.Dilation2DBackpropFilter, tf.Dilation2DBackpropInput, tf.MaxPoolWithArgmax],
    { remedies: { float32: 'cpu', int32: 'cpu' } },
  ),
  ...rulesOf([tf.NonMaxSuppressionV3, tf.NonMaxSuppressionV4, tf.NonMaxSuppressionV5], {
    remedies: floatOnly,
  }),
} as const satisfies Readonly<Record<string, DtypeRule>>;

const others = {
  [tf.Cast]: { remedies: all },
  [tf.BroadcastArgs]: { remedies: integersOnly },
  ...rulesOf([tf.Fill, tf.LinSpace, tf.Range], { data: [], remedies: none }),
  [tf.StringNGrams]: { fixed: { dataSplits: 'int32' }, remedies: string },
  ...rulesOf([tf.StringSplit, tf.StringToHashBucketFast, tf.StaticRegexReplace], {
    remedies: string,
  }),
  [tf.SparseFillEmptyRows]: {
    data: ['values', 'defaultValue'],
    fixed: { indices: 'int32', denseShape: 'int32' },
    remedies: { float32: 'kernel', int32: 'kernel', bool: 'int32', ...string },
    restored: [1],
  },
  [tf.SparseReshape]: { remedies: integersOnly },
  // Missing in stock.
  [tf.Complex]: { remedies: { float32: 'kernel' } },
  ...rulesOf([tf.ComplexAbs, tf.FFT, tf.IFFT, tf.Imag, tf.Real], { remedies: complex }),
  ...rulesOf([tf.RaggedGather, tf.RaggedRange, tf.RaggedTensorToTensor], {
    data: [],
    remedies: none,
  }),
} as const satisfies Readonly<Record<string, DtypeRule>>;

/** The dtypes of every kernel of tfjs's wasm backend. */
export const dtypeRules: Readonly<Record<string, DtypeRule>> = {
  ...unary,
  ...binary,
  ...arrays,
  ...reductions,
  ...images,
  ...others,
};
