import * as tf from '@tensorflow/tfjs';
import type { Shape4D } from './tensors';

/** Rows or columns to add before and after; a negative number takes them away. */
export type Margin = readonly [before: number, after: number];

type ExplicitPadding = [[0, 0], [number, number], [number, number], [0, 0]];

/** An image batch, and the padding that a convolution has still to give it. */
export interface Padded {
  readonly x: tf.Tensor4D;
  readonly pad: ExplicitPadding;
}

const kept = ([before, after]: Margin): [number, number] => [
  Math.max(before, 0),
  Math.max(after, 0),
];

/**
 * Takes away what has to go, and leaves what has to come to the convolution, which pads without
 * making a copy.
 *
 * @param x [batch, height, width, channels]
 */
export const padLater = (x: tf.Tensor4D, rows: Margin, columns: Margin): Padded => {
  const pad: ExplicitPadding = [[0, 0], kept(rows), kept(columns), [0, 0]];
  if (Math.min(...rows, ...columns) >= 0) return { x, pad };
  const cut = ([before, after]: Margin, size: number) => {
    const begin = Math.max(-before, 0);
    return { begin, size: size - begin - Math.max(-after, 0) };
  };
  const [batch, height, width, channels] = x.shape;
  const [row, column] = [cut(rows, height), cut(columns, width)];
  const size: Shape4D = [batch, row.size, column.size, channels];
  return { x: tf.slice(x, [0, row.begin, column.begin, 0], size), pad };
};
