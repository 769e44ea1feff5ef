import type { SymbolicNumber } from '../ir/types';
import { activate } from './elementwise';
import { intAttribute, type LoweredTensor, type OpParts, typeAttribute } from './graph-builder';
import type { KernelLowering, LowerKernel } from './kernel-lowering';
import {
  channelsFirst,
  isChannelsFirst,
  perDimension,
  shapeToChannelsLast,
  toChannelsLast,
  windowsOf,
} from './windows';

/* Convolutions. TensorFlow's CPU kernels take channels-last images, and some take no dilations. */

const int32 = typeAttribute('int32');

const sizes = (shape: readonly SymbolicNumber[]): readonly number[] | undefined => {
  const numbers = shape.filter((size) => typeof size === 'number');
  return numbers.length === shape.length ? numbers : undefined;
};

const dilationsOf = (call: KernelLowering, dimensions: number): readonly number[] =>
  call.attribute('dilations') === undefined
    ? Array<number>(dimensions).fill(1)
    : call.numbers('dilations', dimensions);

const isDilated = (dilations: readonly number[]): boolean => dilations.some((rate) => rate !== 1);

/** The size of a filter with `rate - 1` zeros between its elements. */
const dilatedSize = (size: number, rate: number): number => (size - 1) * rate + 1;

const filterSizes = (call: KernelLowering, shape: readonly SymbolicNumber[]): readonly number[] =>
  sizes(shape) ?? call.fail('a filter whose shape does not depend on the batch', 'one that does');

/**
 * A filter with zeros between its elements, which makes a convolution without dilations of one with them.
 *
 * @param shape of the filter: a size per dimension, then the channels
 */
const dilateFilter = (
  call: KernelLowering,
  filter: LoweredTensor,
  shape: readonly number[],
  dilations: readonly number[],
): LoweredTensor => {
  const { b } = call;
  const spatial = shape.slice(0, dilations.length);
  const channels = shape.slice(dilations.length);
  const apart = b.reshape(filter, [...spatial.flatMap((size) => [size, 1]), ...channels]);
  const paddings = [
    ...dilations.flatMap((rate) => [0, 0, 0, rate - 1]),
    ...channels.flatMap(() => [0, 0]),
  ];
  const rows = paddings.length / 2;
  const padded = b.op('PadV2', {
    inputs: [apart, b.constant('int32', [rows, 2], paddings), b.scalar('float32', 0)],
    attributes: { T: typeAttribute(filter.dtype), Tpaddings: int32 },
  });
  const spread = b.reshape(padded, [
    ...spatial.map((size, axis) => size * (dilations[axis] ?? 1)),
    ...channels,
  ]);
  const end = [
    ...spatial.map((size, axis) => dilatedSize(size, dilations[axis] ?? 1)),
    ...channels,
  ];
  return b.op('Slice', {
    inputs: [spread, b.vector(shape.map(() => 0)), b.vector(end)],
    attributes: { T: typeAttribute(filter.dtype), Index: int32 },
  });
};

/** Every element that `dilateFilter` takes from the filter. */
const undilate = (
  call: KernelLowering,
  gradient: LoweredTensor,
  shape: readonly number[],
  dilations: readonly number[],
): readonly LoweredTensor[] => {
  const { b } = call;
  const rates = shape.map((_, axis) => dilations[axis] ?? 1);
  const end = shape.map((size, axis) => dilatedSize(size, rates[axis] ?? 1));
  return call.apply(
    'StridedSlice',
    [gradient, b.vector(shape.map(() => 0)), b.vector(end), b.vector(rates)],
    { Index: int32 },
  );
};

interface Family {
  /** The number of spatial dimensions. */
  readonly dimensions: number;
  /** Whether TensorFlow's CPU kernel has dilations. */
  readonly dilates: boolean;
  readonly forward: string;
  readonly toInput: string;
  readonly toFilter: string;
}

const conv2d: Family = {
  dimensions: 2,
  dilates: true,
  forward: 'Conv2D',
  toInput: 'Conv2DBackpropInput',
  toFilter: 'Conv2DBackpropFilter',
};
const conv3d: Family = {
  dimensions: 3,
  dilates: false,
  forward: 'Conv3D',
  toInput: 'Conv3DBackpropInputV2',
  toFilter: 'Conv3DBackpropFilterV2',
};
const depthwise: Family = {
  dimensions: 2,
  dilates: false,
  forward: 'DepthwiseConv2dNative',
  toInput: 'DepthwiseConv2dNativeBackpropInput',
  toFilter: 'DepthwiseConv2dNativeBackpropFilter',
};

const attributesOf = (call: KernelLowering, family: Family): NonNullable<OpParts['attributes']> => {
  const { strides, padding, explicitPaddings } = windowsOf(call, family.dimensions);
  const [rows, columns] = call.numbers('strides', family.dimensions);
  if (family === depthwise && rows !== columns) {
    call.fail('equal strides', `${rows} and ${columns}`);
  }
  if (family === conv3d && 'explicit_paddings' in explicitPaddings) {
    call.fail('padding "same" or "valid"', 'a number');
  }
  return { T: typeAttribute('float32'), strides, padding, ...explicitPaddings };
};

/** The filter for an operation, and the attribute that tells its dilations. */
const dilated = (
  call: KernelLowering,
  family: Family,
  filter: LoweredTensor,
): { readonly filter: LoweredTensor; readonly attributes: NonNullable<OpParts['attributes']> } => {
  const dilations = dilationsOf(call, family.dimensions);
  if (!isDilated(dilations)) return { filter, attributes: {} };
  if (family.dilates) return { filter, attributes: { dilations: perDimension(dilations) } };
  const shape = filterSizes(call, call.typeOf('filter').shape);
  return { filter: dilateFilter(call, filter, shape, dilations), attributes: {} };
};

/** The convolution of channels-last images. */
const convolve = (call: KernelLowering, family: Family, x: LoweredTensor): LoweredTensor => {
  const { filter, attributes } = dilated(call, family, call.input('filter'));
  return call.b.op(family.forward, {
    inputs: [x, filter],
    attributes: { ...attributesOf(call, family), ...attributes },
  });
};

const forward =
  (family: Family): LowerKernel =>
  (call) => {
    const rank = family.dimensions + 2;
    if (isChannelsFirst(call)) {
      const y = convolve(call, family, toChannelsLast(call, call.input('x'), rank));
      return call.apply('Transpose', [y, call.b.vector(channelsFirst(rank))], { Tperm: int32 });
    }
    const { filter, attributes } = dilated(call, family, call.input('filter'));
    return call.results(family.forward, {
      inputs: [call.input('x'), filter],
      attributes: { ...attributesOf(call, family), ...attributes },
    });
  };

/** The attribute for the dtype of a shape, where an operation has one. */
const shapeType = (family: Family): NonNullable<OpParts['attributes']> =>
  family === conv3d ? { Tshape: int32 } : {};

const toInput =
  (family: Family): LowerKernel =>
  (call) => {
    const dilations = dilationsOf(call, family.dimensions);
    const rank = family.dimensions + 2;
    const plain = call.input('filter');
    const filter = isDilated(dilations)
      ? dilateFilter(call, plain, filterSizes(call, call.typeOf('filter').shape), dilations)
      : plain;
    const attributes = { ...attributesOf(call, family), ...shapeType(family) };
    const { shape } = call.output;
    const outputs = ['float32'] as const;
    if (!isChannelsFirst(call)) {
      const inputs = [call.b.shape(shape), filter, call.input('dy')];
      return call.results(family.toInput, { inputs, attributes, outputs });
    }
    const dy = toChannelsLast(call, call.input('dy'), rank);
    const inputs = [call.b.shape(shapeToChannelsLast(shape)), filter, dy];
    const dx = call.b.op(family.toInput, { inputs, attributes, outputs });
    return call.apply('Transpose', [dx, call.b.vector(channelsFirst(rank))], { Tperm: int32 });
  };

const toFilter =
  (family: Family): LowerKernel =>
  (call) => {
    const rank = family.dimensions + 2;
    const dilations = dilationsOf(call, family.dimensions);
    const shape = filterSizes(call, call.output.shape);
    const [x, dy] = [call.input('x'), call.input('dy')].map((tensor) =>
      isChannelsFirst(call) ? toChannelsLast(call, tensor, rank) : tensor,
    );
    if (x === undefined || dy === undefined) return call.fail('two inputs', 'fewer');
    const full = shape.map((size, axis) => dilatedSize(size, dilations[axis] ?? 1));
    const parts: OpParts = {
      inputs: [x, call.b.vector(full), dy],
      attributes: attributesOf(call, family),
      outputs: ['float32'],
    };
    if (!isDilated(dilations)) return call.results(family.toFilter, parts);
    return undilate(call, call.b.op(family.toFilter, parts), shape, dilations);
  };

/** A convolution, a bias and an activation. TensorFlow's optimizer fuses them again. */
const fused =
  (family: Family): LowerKernel =>
  (call) => {
    const isFirst = isChannelsFirst(call);
    const x = call.input('x');
    let y = convolve(call, family, isFirst ? toChannelsLast(call, x, 4) : x);
    const bias = call.optional('bias');
    const activation = call.attribute('activation') ?? 'linear';
    if (isFirst && (activation === 'prelu' || (bias && call.rankOf('bias') > 1))) {
      call.fail('channels last', 'a bias or activation for channels first');
    }
    if (bias) y = addBias(call, y, bias);
    y = activate(call, String(activation), y);
    if (!isFirst) return call.alias(y);
    return call.apply('Transpose', [y, call.b.vector(channelsFirst(4))], { Tperm: int32 });
  };

const addBias = (call: KernelLowering, y: LoweredTensor, bias: LoweredTensor): LoweredTensor =>
  call.rankOf('bias') === 1 ? call.b.binary('BiasAdd', y, bias) : call.b.binary('AddV2', y, bias);

const fusedMatMul: LowerKernel = (call) => {
  const [a, b] = [call.input('a'), call.input('b')];
  const isMatrices = call.rankOf('a') === 2 && call.rankOf('b') === 2;
  const flags = [call.boolean('transposeA'), call.boolean('transposeB')].map((value) => ({
    value: { case: 'b' as const, value },
  }));
  const [first, second] = flags;
  if (first === undefined || second === undefined) return call.fail('two flags', 'fewer');
  const flagNames: NonNullable<OpParts['attributes']> = isMatrices
    ? { transpose_a: first, transpose_b: second }
    : { adj_x: first, adj_y: second };
  let y = call.b.op(isMatrices ? 'MatMul' : 'BatchMatMulV2', {
    inputs: [a, b],
    attributes: { T: typeAttribute(a.dtype), ...flagNames },
  });
  const bias = call.optional('bias');
  if (bias) y = addBias(call, y, bias);
  return call.alias(activate(call, String(call.attribute('activation') ?? 'linear'), y));
};

const dilation2d = (call: KernelLowering): NonNullable<OpParts['attributes']> => {
  const { strides, padding, explicitPaddings } = windowsOf(call, 2);
  if ('explicit_paddings' in explicitPaddings) call.fail('padding "same" or "valid"', 'a number');
  return {
    T: typeAttribute('float32'),
    strides,
    padding,
    rates: perDimension(dilationsOf(call, 2)),
  };
};

const dilation =
  (op: string, inputs: readonly string[]): LowerKernel =>
  (call) =>
    call.results(op, {
      inputs: inputs.map((name) => call.input(name)),
      attributes: dilation2d(call),
    });

export const convolutions: Readonly<Record<string, LowerKernel>> = {
  Conv2D: forward(conv2d),
  Conv2DBackpropInput: toInput(conv2d),
  Conv2DBackpropFilter: toFilter(conv2d),
  Conv3D: forward(conv3d),
  Conv3DBackpropInputV2: toInput(conv3d),
  Conv3DBackpropFilterV2: toFilter(conv3d),
  DepthwiseConv2dNative: forward(depthwise),
  DepthwiseConv2dNativeBackpropInput: toInput(depthwise),
  DepthwiseConv2dNativeBackpropFilter: toFilter(depthwise),
  FusedConv2D: fused(conv2d),
  FusedDepthwiseConv2D: fused(depthwise),
  _FusedMatMul: fusedMatMul,
  Dilation2D: dilation('Dilation2D', ['x', 'filter']),
  Dilation2DBackpropInput: dilation('Dilation2DBackpropInput', ['x', 'filter', 'dy']),
  Dilation2DBackpropFilter: dilation('Dilation2DBackpropFilter', ['x', 'filter', 'dy']),
  LRN: (call) => call.apply('LRN', [call.input('x')], lrnAttributes(call)),
  LRNGrad: (call) =>
    call.apply(
      'LRNGrad',
      [call.input('dy'), call.input('x'), call.input('y')],
      lrnAttributes(call),
    ),
};

const lrnAttributes = (call: KernelLowering): NonNullable<OpParts['attributes']> => ({
  depth_radius: intAttribute(call.number('depthRadius')),
  ...Object.fromEntries(
    ['bias', 'alpha', 'beta'].map((name) => [
      name,
      { value: { case: 'f' as const, value: call.number(name) } },
    ]),
  ),
});
