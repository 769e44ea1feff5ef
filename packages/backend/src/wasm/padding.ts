import * as tf from '@tensorflow/tfjs';
import type { Shape4D } from './tensors';

/** Rows or columns to add before and after; a negative number takes them away. */
export type Margin = readonly [before: number, after: number];

type ExplicitPadding = [[0, 0], [number, number], [number, number], [0, 0]];

/** Padding as tfjs's convolutions take it. */
export type Pad = tf.Conv2DAttrs['pad'];

/**
 * A number of rows and columns as explicit padding. For a number, tfjs computes the output's width
 * from the window's height and its stride; where these differ from those of the width, stock wasm
 * then writes past the output.
 */
export const numberAsPadding = (pad: Pad, dataFormat: 'NHWC' | 'NCHW' = 'NHWC'): Pad => {
  if (typeof pad !== 'number') return pad;
  const [none, both]: [[number, number], [number, number]] = [
    [0, 0],
    [pad, pad],
  ];
  const padding = dataFormat === 'NHWC' ? [none, both, both, none] : [none, none, both, both];
  return padding as unknown as Pad;
};

/** An image batch, and the padding that a convolution has still to give it. */
export interface Padded {
  readonly x: tf.Tensor4D;
  readonly pad: ExplicitPadding;
}

const kept = ([before, after]: Margin): [number, number] => [
  Math.max(before, 0),
  Math.max(after, 0),
];

/** Where a convolution's windows lie, as tfjs's `computeConv2DInfo` and `computePool2DInfo` give it. */
type Geometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/**
 * The padding of a convolution in numbers, channels last. Stock wasm leaves `same` to XNNPACK,
 * which gives zeros where the stride is larger than the window and an edge is left over.
 */
export const paddingOf = (geometry: Geometry): ExplicitPadding => {
  const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = geometry;
  const { effectiveFilterHeight, effectiveFilterWidth } = geometry;
  const rows = (outHeight - 1) * strideHeight + effectiveFilterHeight - inHeight - padInfo.top;
  const columns = (outWidth - 1) * strideWidth + effectiveFilterWidth - inWidth - padInfo.left;
  return [[0, 0], kept([padInfo.top, rows]), kept([padInfo.left, columns]), [0, 0]];
};

/**
 * Leaves the padding to the convolution, which pads without making a copy. Where rows or columns
 * have to go, which takes padding larger than the window, it is done here.
 *
 * @param x [batch, height, width, channels]
 */
export const padLater = (x: tf.Tensor4D, rows: Margin, columns: Margin): Padded => {
  const pad: ExplicitPadding = [[0, 0], kept(rows), kept(columns), [0, 0]];
  if (Math.min(...rows, ...columns) >= 0) return { x, pad };
  // Padded first, since what goes may be padding of the other side.
  const [batch, height, width, channels] = x.shape;
  const [top, left] = [Math.max(-rows[0], 0), Math.max(-columns[0], 0)];
  const size: Shape4D = [
    batch,
    height + rows[0] + rows[1],
    width + columns[0] + columns[1],
    channels,
  ];
  const cut = tf.slice(tf.pad(x, pad), [0, top, left, 0], size);
  return {
    x: cut,
    pad: [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  };
};
