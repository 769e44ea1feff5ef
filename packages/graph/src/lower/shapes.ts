import type { SymbolicNumber } from '../ir/types';
import {
  boolAttribute,
  intAttribute,
  type LoweredTensor,
  textAttribute,
  typeAttribute,
} from './graph-builder';
import type { KernelLowering, LowerKernel } from './kernel-lowering';

/* Kernels that move elements: shapes, slices, joins, gathers and scatters. */

const int32 = typeAttribute('int32');

/** A scalar of int32, such as an axis. */
const scalar = (call: KernelLowering, value: number): LoweredTensor =>
  call.b.scalar('int32', value);

const reshape: LowerKernel = (call) =>
  call.apply('Reshape', [call.input('x'), call.b.shape(call.output.shape)], { Tshape: int32 });

const concat: LowerKernel = (call) => {
  const { list } = call;
  if (list.length === 1 && list[0]) return call.alias(list[0]);
  return call.apply('ConcatV2', [...list, scalar(call, call.number('axis'))], {
    N: intAttribute(list.length),
    Tidx: int32,
  });
};

const slice: LowerKernel = (call) => {
  const rank = call.rankOf('x');
  const begin = call.b.shape(call.symbolics('begin', rank));
  // The sizes may be -1, for the rest; the output has them all.
  return call.apply('Slice', [call.input('x'), begin, call.b.shape(call.output.shape)], {
    Index: int32,
  });
};

const stridedSlice: LowerKernel = (call) => {
  const bounds = ['begin', 'end', 'strides'].map((name) => call.b.shape(call.symbolics(name)));
  return call.apply('StridedSlice', [call.input('x'), ...bounds], {
    Index: int32,
    begin_mask: intAttribute(call.number('beginMask', 0)),
    end_mask: intAttribute(call.number('endMask', 0)),
    ellipsis_mask: intAttribute(call.number('ellipsisMask', 0)),
    new_axis_mask: intAttribute(call.number('newAxisMask', 0)),
    shrink_axis_mask: intAttribute(call.number('shrinkAxisMask', 0)),
  });
};

const split: LowerKernel = (call) => {
  const { outputs } = call.node;
  const axis = call.number('axis');
  const sizes = outputs.map(({ shape }) => shape[axis] ?? 0);
  return call.apply(
    'SplitV',
    [call.input('x'), call.b.shape(sizes), scalar(call, axis)],
    { num_split: intAttribute(outputs.length), Tlen: int32 },
    outputs.map(({ dtype }) => dtype),
  );
};

const unpack: LowerKernel = (call) => {
  const { outputs } = call.node;
  return call.apply(
    'Unpack',
    [call.input('value')],
    { num: intAttribute(outputs.length), axis: intAttribute(call.number('axis', 0)) },
    outputs.map(({ dtype }) => dtype),
  );
};

/** Paddings as a matrix of int32, one row per dimension. */
const paddings = (
  call: KernelLowering,
  pairs: readonly (readonly SymbolicNumber[])[],
): LoweredTensor => {
  const flat = pairs.flat();
  const numbers = flat.filter((value) => typeof value === 'number');
  return numbers.length === flat.length
    ? call.b.constant('int32', [pairs.length, 2], numbers)
    : call.b.reshape(call.b.shape(flat), [pairs.length, 2]);
};

const pad: LowerKernel = (call) => {
  const x = call.input('x');
  const value = call.attribute('constantValue') ?? 0;
  const dtype = x.dtype === 'int32' || x.dtype === 'bool' ? x.dtype : 'float32';
  const constant =
    x.dtype === 'string'
      ? call.b.constant('string', [], [String(value)])
      : call.b.scalar(dtype, Number(value));
  return call.apply('PadV2', [x, paddings(call, call.pairs('paddings')), constant], {
    Tpaddings: int32,
  });
};

const reverse: LowerKernel = (call) => {
  const rank = call.rankOf('x');
  const axes = call.numbers('dims').map((axis) => (axis < 0 ? axis + rank : axis));
  return call.apply('ReverseV2', [call.input('x'), call.b.vector(axes)], { Tidx: int32 });
};

const gather: LowerKernel = (call) =>
  call.results('GatherV2', {
    inputs: [
      call.input('x'),
      call.b.cast(call.input('indices'), 'int32'),
      scalar(call, call.number('axis')),
    ],
    attributes: {
      Tparams: typeAttribute(call.input('x').dtype),
      Tindices: int32,
      Taxis: int32,
      batch_dims: intAttribute(call.number('batchDims', 0)),
    },
  });

const gatherNd: LowerKernel = (call) =>
  call.results('GatherNd', {
    inputs: [call.input('params'), call.input('indices')],
    attributes: { Tparams: typeAttribute(call.input('params').dtype), Tindices: int32 },
  });

const scatterNd: LowerKernel = (call) => {
  const updates = call.input('updates');
  return call.results('ScatterNd', {
    inputs: [call.input('indices'), updates, call.b.shape(call.output.shape)],
    attributes: { T: typeAttribute(updates.dtype), Tindices: int32 },
    outputs: [updates.dtype],
  });
};

const sparseToDense: LowerKernel = (call) => {
  const values = call.input('sparseValues');
  return call.results('SparseToDense', {
    inputs: [
      call.input('sparseIndices'),
      call.b.shape(call.output.shape),
      values,
      call.input('defaultValue'),
    ],
    // tfjs accepts indices in any order.
    attributes: {
      T: typeAttribute(values.dtype),
      Tindices: int32,
      validate_indices: boolAttribute(false),
    },
    outputs: [values.dtype],
  });
};

const oneHot: LowerKernel = (call) => {
  const { dtype } = call.output;
  const valueType = dtype === 'int32' || dtype === 'bool' ? dtype : 'float32';
  const [on, off] = [call.number('onValue', 1), call.number('offValue', 0)];
  return call.results('OneHot', {
    inputs: [
      call.input('indices'),
      call.b.number(call.symbolic('depth'), 'int32'),
      call.b.scalar(valueType, on),
      call.b.scalar(valueType, off),
    ],
    attributes: { T: typeAttribute(dtype), TI: int32, axis: intAttribute(-1) },
    outputs: [dtype],
  });
};

const fill = (call: KernelLowering, value: LoweredTensor): readonly LoweredTensor[] =>
  call.results('Fill', {
    inputs: [call.b.shape(call.output.shape), value],
    attributes: { T: typeAttribute(value.dtype), index_type: int32 },
    outputs: [value.dtype],
  });

const fillKernel: LowerKernel = (call) => {
  const { dtype } = call.output;
  const value = call.attribute('value');
  if (dtype === 'string') return fill(call, call.b.constant('string', [], [String(value)]));
  if (dtype === 'complex64') return call.fail('real numbers', 'complex64');
  return fill(call, call.b.number(call.symbolic('value'), dtype));
};

const linSpace: LowerKernel = (call) => {
  const ends = ['start', 'stop'].map((name) => call.b.scalar('float32', call.number(name)));
  return call.apply('LinSpace', [...ends, call.b.number(call.symbolic('num'), 'int32')], {
    Tidx: int32,
  });
};

const range: LowerKernel = (call) => {
  const dtype = call.output.dtype === 'int32' ? 'int32' : 'float32';
  const bounds = ['start', 'stop', 'step'].map((name) => call.b.number(call.symbolic(name), dtype));
  return call.results('Range', {
    inputs: bounds,
    attributes: { Tidx: typeAttribute(dtype) },
    outputs: [dtype],
  });
};

const depthToSpace: LowerKernel = (call) => {
  if (call.text('dataFormat') !== 'NHWC') call.fail('channels last', 'channels first');
  return call.apply('DepthToSpace', [call.input('x')], {
    block_size: intAttribute(call.number('blockSize')),
  });
};

const blocks =
  (op: string, borders: string, input: string, tborders: string): LowerKernel =>
  (call) =>
    call.apply(
      op,
      [
        call.input('x'),
        call.b.vector(call.numbers('blockShape')),
        paddings(call, call.pairs(borders)),
      ],
      { [input]: int32, [tborders]: int32 },
    );

const segmentSum: LowerKernel = (call) =>
  call.apply(
    'UnsortedSegmentSum',
    [
      call.input('x'),
      call.input('segmentIds'),
      call.b.number(call.symbolic('numSegments'), 'int32'),
    ],
    { Tindices: int32, Tnumsegments: int32 },
  );

const bincount: LowerKernel = (call) =>
  call.apply(
    'DenseBincount',
    [
      call.input('x'),
      call.b.number(call.symbolic('size'), 'int32'),
      // TensorFlow's weights may be empty, which means 1 for each.
      call.input('weights'),
    ],
    {
      Tidx: int32,
      T: typeAttribute(call.input('weights').dtype),
      binary_output: boolAttribute(call.boolean('binaryOutput')),
    },
    [call.output.dtype],
  );

const scan =
  (op: string): LowerKernel =>
  (call) =>
    call.apply(op, [call.input('x'), scalar(call, call.number('axis', 0))], {
      exclusive: boolAttribute(call.boolean('exclusive')),
      reverse: boolAttribute(call.boolean('reverse')),
      Tidx: int32,
    });

const search =
  (op: string): LowerKernel =>
  (call) =>
    call.apply(op, [call.input('sortedSequence'), call.input('values')], { out_type: int32 }, [
      'int32',
    ]);

export const shapes: Readonly<Record<string, LowerKernel>> = {
  Reshape: reshape,
  ExpandDims: (call) =>
    call.apply('Reshape', [call.input('input'), call.b.shape(call.output.shape)], {
      Tshape: int32,
    }),
  Transpose: (call) =>
    call.apply('Transpose', [call.input('x'), call.b.vector(call.numbers('perm'))], {
      Tperm: int32,
    }),
  Concat: concat,
  Pack: (call) =>
    call.apply('Pack', call.list, {
      N: intAttribute(call.list.length),
      axis: intAttribute(call.number('axis', 0)),
    }),
  Unpack: unpack,
  Slice: slice,
  StridedSlice: stridedSlice,
  SplitV: split,
  Tile: (call) =>
    call.apply('Tile', [call.input('x'), call.b.shape(call.symbolics('reps'))], {
      Tmultiples: int32,
    }),
  PadV2: pad,
  MirrorPad: (call) =>
    call.apply('MirrorPad', [call.input('x'), paddings(call, call.pairs('paddings'))], {
      Tpaddings: int32,
      mode: textAttribute(call.text('mode').toUpperCase()),
    }),
  Reverse: reverse,
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  TensorScatterUpdate: (call) =>
    call.apply(
      'TensorScatterUpdate',
      ['tensor', 'indices', 'updates'].map((name) => call.input(name)),
      { Tindices: int32 },
    ),
  SparseToDense: sparseToDense,
  BroadcastTo: (call) =>
    call.apply('BroadcastTo', [call.input('x'), call.b.shape(call.output.shape)], { Tidx: int32 }),
  BroadcastArgs: (call) => call.apply('BroadcastArgs', [call.input('s0'), call.input('s1')]),
  OneHot: oneHot,
  Fill: fillKernel,
  LinSpace: linSpace,
  Range: range,
  DepthToSpace: depthToSpace,
  SpaceToBatchND: blocks('SpaceToBatchND', 'paddings', 'Tblock_shape', 'Tpaddings'),
  BatchToSpaceND: blocks('BatchToSpaceND', 'crops', 'Tblock_shape', 'Tcrops'),
  Diag: (call) => call.apply('Diag', [call.input('x')]),
  MatrixBandPart: (call) =>
    call.apply(
      'MatrixBandPart',
      ['input', 'numLower', 'numUpper'].map((name) => call.input(name)),
      { Tindex: typeAttribute(call.input('numLower').dtype) },
    ),
  UnsortedSegmentSum: segmentSum,
  Bincount: bincount,
  DenseBincount: bincount,
  Cumsum: scan('Cumsum'),
  Cumprod: scan('Cumprod'),
  LowerBound: search('LowerBound'),
  UpperBound: search('UpperBound'),
  SearchSorted: (call) =>
    search(call.attribute('side') === 'left' ? 'LowerBound' : 'UpperBound')(call),
};
