import type { SymbolicNumber } from '../ir/types';
import {
  type AttributeProto,
  intsAttribute,
  type LoweredTensor,
  textAttribute,
} from './graph-builder';
import type { KernelLowering } from './kernel-lowering';

/** The attributes that tell TensorFlow how a window moves over an image. */
export interface Windows {
  readonly strides: AttributeProto;
  readonly padding: AttributeProto;
  /** With padding of explicit sizes; empty otherwise. */
  readonly explicitPaddings: Readonly<Record<string, AttributeProto>>;
}

/** A size per spatial dimension as TensorFlow takes it, with 1 for the batch and the channels. */
export const perDimension = (sizes: readonly number[]): AttributeProto =>
  intsAttribute([1, ...sizes, 1]);

/** How a kernel pads: a mode of TensorFlow, or the sizes before and after each spatial dimension. */
export type Padding =
  | { readonly mode: 'SAME' | 'VALID' }
  | { readonly mode: 'EXPLICIT'; readonly sizes: readonly (readonly [number, number])[] };

/**
 * Reads the attribute `pad`: `same`, `valid`, a number for all sides, or pairs per dimension.
 *
 * @param dimensions how many spatial dimensions there are
 */
export const paddingOf = (call: KernelLowering, dimensions: number): Padding => {
  const pad = call.attribute('pad');
  if (pad === 'same') return { mode: 'SAME' };
  if (pad === 'valid' || pad === 0) return { mode: 'VALID' };
  const rounding = call.attribute('dimRoundingMode');
  if (rounding === 'ceil' || rounding === 'round') {
    return call.fail('sizes that are rounded down', `"dimRoundingMode" ${rounding}`);
  }
  if (typeof pad === 'number') {
    assertSquare(call);
    return {
      mode: 'EXPLICIT',
      sizes: Array.from({ length: dimensions }, () => [pad, pad] as const),
    };
  }
  const start = isChannelsFirst(call) ? 2 : 1;
  const sizes = call.pairs('pad').slice(start, start + dimensions);
  return {
    mode: 'EXPLICIT',
    sizes: sizes.map(([before, after]) =>
      typeof before === 'number' && typeof after === 'number'
        ? ([before, after] as const)
        : call.fail('paddings that do not depend on the batch', 'a size that does'),
    ),
  };
};

/** With one number as padding, tfjs computes the sizes of every dimension from the filter's first one. */
const assertSquare = (call: KernelLowering): void => {
  const name = ['filterSize', 'filterShape'].find((key) => call.attribute(key) !== undefined);
  const dimensions = name ? call.numbers(name) : call.typeOf('filter').shape;
  if (dimensions.length < 2 || dimensions[0] === dimensions[1]) return;
  call.fail('a square filter, for padding of one number', `${dimensions[0]} by ${dimensions[1]}`);
};

export const isChannelsFirst = (call: KernelLowering): boolean => {
  const format = call.attribute('dataFormat');
  return format === 'NCHW' || format === 'NCDHW' || format === 'channelsFirst';
};

/** The attributes of a convolution or a pool over channels-last images. */
export const windowsOf = (call: KernelLowering, dimensions: number): Windows => {
  const padding = paddingOf(call, dimensions);
  return {
    strides: perDimension(call.numbers('strides', dimensions)),
    padding: textAttribute(padding.mode),
    explicitPaddings:
      padding.mode === 'EXPLICIT'
        ? { explicit_paddings: intsAttribute([0, 0, ...padding.sizes.flat(), 0, 0]) }
        : {},
  };
};

const range = (length: number) => Array.from({ length }, (_, index) => index);

/** Moves the channels to the end: TensorFlow's CPU kernels take nothing else. */
export const toChannelsLast = (
  call: KernelLowering,
  x: LoweredTensor,
  rank: number,
): LoweredTensor => call.b.transpose(x, [0, ...range(rank - 2).map((axis) => axis + 2), 1]);

/** The inverse of {@link toChannelsLast}, as a permutation. */
export const channelsFirst = (rank: number): readonly number[] => [
  0,
  rank - 1,
  ...range(rank - 2).map((axis) => axis + 1),
];

export const shapeToChannelsLast = (
  shape: readonly SymbolicNumber[],
): readonly SymbolicNumber[] => {
  const [batch = 0, channels = 0, ...spatial] = shape;
  return [batch, ...spatial, channels];
};
