import { boolAttribute, intAttribute, textAttribute, typeAttribute } from './graph-builder';
import type { KernelLowering, LowerKernel } from './kernel-lowering';

/* Reductions, products of matrices, and what else combines the elements of whole dimensions. */

const int32 = typeAttribute('int32');

/** The axes of a reduction; all of them if there is no attribute. */
const axesOf = (call: KernelLowering): readonly number[] => {
  const rank = call.rankOf('x');
  const name = call.attribute('reductionIndices') === undefined ? 'axis' : 'reductionIndices';
  const value = call.attribute(name);
  if (value === undefined || value === null) return Array.from({ length: rank }, (_, axis) => axis);
  return call.numbers(name).map((axis) => (axis < 0 ? axis + rank : axis));
};

const reduction =
  (op: string): LowerKernel =>
  (call) => {
    const { dtype } = call.output;
    // tfjs's sum and mean of other dtypes are computed in that of the result.
    const x = op === 'All' || op === 'Any' ? call.input('x') : call.b.cast(call.input('x'), dtype);
    const inputs = [x, call.b.vector(axesOf(call))];
    const attributes = { keep_dims: boolAttribute(call.boolean('keepDims')), Tidx: int32 };
    if (op === 'All' || op === 'Any') {
      return call.results(op, { inputs, attributes, outputs: ['bool'] });
    }
    return call.apply(op, inputs, attributes);
  };

const arg =
  (op: string): LowerKernel =>
  (call) =>
    call.apply(
      op,
      [call.input('x'), call.b.scalar('int32', call.number('axis', 0))],
      { Tidx: int32, output_type: int32 },
      ['int32'],
    );

/** TensorFlow's softmax is of the last dimension. */
const softmax =
  (op: string, axisName: string): LowerKernel =>
  (call) => {
    const rank = call.rankOf('logits');
    const axis = call.number(axisName, -1);
    if (axis !== -1 && axis !== rank - 1) call.fail('the last dimension', `dimension ${axis}`);
    return call.apply(op, [call.input('logits')]);
  };

const matMul: LowerKernel = (call) => {
  const inputs = [call.input('a'), call.input('b')];
  const [transposeA, transposeB] = ['transposeA', 'transposeB'].map((name) =>
    boolAttribute(call.boolean(name)),
  );
  if (transposeA === undefined || transposeB === undefined) return call.fail('two flags', 'fewer');
  return call.rankOf('a') === 2 && call.rankOf('b') === 2
    ? call.apply('MatMul', inputs, { transpose_a: transposeA, transpose_b: transposeB })
    : call.apply('BatchMatMulV2', inputs, { adj_x: transposeA, adj_y: transposeB });
};

const topK: LowerKernel = (call) => {
  const x = call.input('x');
  return call.apply(
    'TopKV2',
    [x, call.b.number(call.symbolic('k'), 'int32')],
    { sorted: boolAttribute(call.boolean('sorted')), Tk: int32, index_type: int32 },
    [x.dtype, 'int32'],
  );
};

const transform =
  (op: string): LowerKernel =>
  (call) =>
    call.results(op, {
      inputs: [call.input('input')],
      attributes: { Tcomplex: typeAttribute('complex64') },
    });

/** Sums or means of rows by segment; TensorFlow takes indices of int32 too. */
const sparseSegment =
  (op: string): LowerKernel =>
  (call) =>
    call.apply(
      op,
      ['data', 'indices', 'segmentIds'].map((name) => call.input(name)),
      { Tidx: int32, Tsegmentids: int32 },
    );

const names = (ops: readonly string[], make: (op: string) => LowerKernel) =>
  Object.fromEntries(ops.map((op) => [op, make(op)]));

export const reductions: Readonly<Record<string, LowerKernel>> = {
  ...names(['All', 'Any', 'Max', 'Mean', 'Min', 'Prod', 'Sum'], reduction),
  ...names(['ArgMax', 'ArgMin'], arg),
  Softmax: softmax('Softmax', 'dim'),
  LogSoftmax: softmax('LogSoftmax', 'axis'),
  BatchMatMul: matMul,
  TopK: topK,
  Einsum: (call) =>
    call.apply('Einsum', call.list, {
      equation: textAttribute(call.text('equation')),
      N: intAttribute(call.list.length),
    }),
  ...names(['FFT', 'IFFT'], transform),
  ...names(['SparseSegmentMean', 'SparseSegmentSum'], sparseSegment),
};
