/** tfjs's kernels whose name is not that of TensorFlow's operation. */
const renamed: Readonly<Record<string, string>> = {
  Add: 'AddV2',
  BatchMatMul: 'BatchMatMulV2',
  Concat: 'ConcatV2',
  FusedBatchNorm: 'FusedBatchNormV3',
  FusedConv2D: '_FusedConv2D',
  FusedDepthwiseConv2D: '_FusedDepthwiseConv2dNative',
  Mod: 'FloorMod',
  Multiply: 'Mul',
  Reverse: 'ReverseV2',
  Select: 'SelectV2',
  TopK: 'TopKV2',
  Unique: 'UniqueV2',
};

/**
 * TensorFlow's name of the operation that a tfjs kernel does, or tfjs's own where TensorFlow has none.
 *
 * @param rank of the kernel's first input: TensorFlow has an operation of its own for products of matrices
 */
export const tensorflowOp = (kernel: string, rank?: number): string => {
  if (kernel === 'BatchMatMul' && rank === 2) return 'MatMul';
  return Object.hasOwn(renamed, kernel) ? (renamed[kernel] ?? kernel) : kernel;
};
