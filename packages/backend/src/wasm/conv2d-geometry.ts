import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { elements, uninitialized } from '../tfjs-internals';

/** Shape of an image batch, or of a convolution's filter. */
export type Shape4D = [number, number, number, number];

/** Sizes, strides, dilations and padding of a 2D convolution, as tfjs computes them. */
export type Conv2DGeometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

export type Pad = tf.Conv2DAttrs['pad'];

/** Rows or columns to add before and after. Negative numbers remove them. */
type Margin = readonly [before: number, after: number];

type ExplicitPadding = [[0, 0], [number, number], [number, number], [0, 0]];

/** [batch, channels, height, width] to [batch, height, width, channels]. */
export const toChannelsLast = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 2, 3, 1]);

/** [batch, height, width, channels] to [batch, channels, height, width]. */
export const toChannelsFirst = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 3, 1, 2]);

/**
 * Converts a number as padding to explicit padding. For a number, tfjs computes the output's width
 * from the window's height and vertical stride. If those differ from the horizontal ones, the stock
 * wasm kernel writes out of bounds.
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

const nonNegative = ([before, after]: Margin): [number, number] => [
  Math.max(before, 0),
  Math.max(after, 0),
];

/**
 * Computes the explicit padding of a convolution, channels last. For `same`, stock wasm uses
 * XNNPACK's own padding, which returns zeros if the stride is larger than the window and does not
 * divide the image.
 */
export const explicitPadding = (geometry: Conv2DGeometry): ExplicitPadding => {
  const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = geometry;
  const { effectiveFilterHeight, effectiveFilterWidth } = geometry;
  const rows = (outHeight - 1) * strideHeight + effectiveFilterHeight - inHeight - padInfo.top;
  const columns = (outWidth - 1) * strideWidth + effectiveFilterWidth - inWidth - padInfo.left;
  return [[0, 0], nonNegative([padInfo.top, rows]), nonNegative([padInfo.left, columns]), [0, 0]];
};

/** An image batch, and the padding that the convolution still has to add. */
interface PaddedImages {
  readonly x: tf.Tensor4D;
  readonly pad: ExplicitPadding;
}

/**
 * Leaves padding to the convolution, which pads without a copy. Rows or columns that have to be
 * removed, because the padding is larger than the window, are removed here.
 *
 * @param x [batch, height, width, channels]
 */
export const deferPadding = (x: tf.Tensor4D, rows: Margin, columns: Margin): PaddedImages => {
  const pad: ExplicitPadding = [[0, 0], nonNegative(rows), nonNegative(columns), [0, 0]];
  if (Math.min(...rows, ...columns) >= 0) return { x, pad };
  // Pad before slicing: what is removed on one side may be padding of the other.
  const [batch, height, width, channels] = x.shape;
  const [top, left] = [Math.max(-rows[0], 0), Math.max(-columns[0], 0)];
  const size: Shape4D = [
    batch,
    height + rows[0] + rows[1],
    width + columns[0] + columns[1],
    channels,
  ];
  return {
    x: tf.slice(tf.pad(x, pad), [0, top, left, 0], size),
    pad: [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  };
};

/**
 * Pads dy of a convolution without strides, so that a convolution with the flipped filter yields
 * the gradient of the input.
 *
 * @param dy [batch, outHeight, outWidth, channels]
 */
export const padForInputGradient = (dy: tf.Tensor4D, geometry: Conv2DGeometry): PaddedImages => {
  const { inHeight, inWidth, outHeight, outWidth, padInfo } = geometry;
  const { effectiveFilterHeight, effectiveFilterWidth } = geometry;
  const top = effectiveFilterHeight - 1 - padInfo.top;
  const left = effectiveFilterWidth - 1 - padInfo.left;
  return deferPadding(
    dy,
    [top, inHeight + effectiveFilterHeight - 1 - outHeight - top],
    [left, inWidth + effectiveFilterWidth - 1 - outWidth - left],
  );
};

/**
 * Rotates a filter by 180°: reverses height and width. Copies blocks; the stock Reverse kernel
 * copies single elements.
 *
 * @param filter [height, width, in, out], float32
 */
export const flipFilter = (backend: BackendWasm, filter: tf.Tensor4D): tf.Tensor4D => {
  const output = uninitialized(backend, filter.shape) as tf.Tensor4D;
  const [height, width] = filter.shape;
  const blocks = height * width;
  const blockSize = filter.size / blocks;
  const [from, to] = [elements(backend, filter), elements(backend, output)];
  for (let block = 0; block < blocks; block++) {
    const source = (blocks - 1 - block) * blockSize;
    to.set(from.subarray(source, source + blockSize), block * blockSize);
  }
  return output;
};
