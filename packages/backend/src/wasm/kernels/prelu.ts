import { sameShape } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { asTensor } from '../../tfjs-internals';
import { improvedKernel } from '../define-kernel';

/** The shape without leading dimensions of size 1. */
const trimmed = (shape: readonly number[]): readonly number[] => {
  const first = shape.findIndex((size) => size !== 1);
  return first < 0 ? [] : shape.slice(first);
};

/** True if the elements of a tensor repeat along the leading dimensions of another shape. */
const repeats = (alpha: readonly number[], shape: readonly number[]): boolean => {
  const suffix = trimmed(alpha);
  return (
    suffix.length <= shape.length && sameShape(suffix, shape.slice(shape.length - suffix.length))
  );
};

/**
 * Prelu. Stock treats any alpha as a repeated one, whatever its shape, and reads out of bounds if the
 * size of x is no multiple of its size.
 *
 * Inputs: x and alpha, which broadcast with each other; float32.
 */
export const prelu = improvedKernel<
  { readonly x: tf.Tensor; readonly alpha: tf.Tensor },
  undefined
>(tf.Prelu, (stock) => (call) => {
  const { x, alpha } = call.inputs;
  if (x.size > 0 && repeats(alpha.shape, x.shape)) return stock(call);
  const shape = tf.backend_util.assertAndGetBroadcastShape(x.shape, alpha.shape);
  if (shape.includes(0)) return call.backend.makeOutput(shape, 'float32');
  return tf.tidy(() =>
    asTensor(
      stock({
        ...call,
        inputs: { x: tf.broadcastTo(x, shape), alpha: tf.broadcastTo(alpha, shape) },
      }),
    ),
  );
});

/**
 * True if the weights of a fused PReLU are one number per channel. Stock supports no others: it reads
 * out of bounds for a single number, and uses the wrong ones for more.
 */
export const isPerChannel = (
  weights: tf.Tensor | undefined | null,
  channels: number,
  channelsFirst = false,
): boolean => {
  if (weights === undefined || weights === null) return true;
  const { shape, size, rank } = weights;
  return size === channels && shape[channelsFirst && rank > 1 ? rank - 3 : rank - 1] === channels;
};
