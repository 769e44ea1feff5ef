import * as tf from '@tensorflow/tfjs';
import { elements, uninitialized } from '../tensors';
import { newKernel } from '../training-kernel';
import { forEachRun, partsOf, windowSize } from '../windows-3d';

type Volume = [number, number, number, number, number];

/** The rows of dy, one a window, that belong to some planes. */
const rowsOf = (dy: tf.Tensor, first: number, planes: number, perPlane: number): tf.Tensor2D => {
  const channels = dy.shape.at(-1) ?? 1;
  const rows = tf.reshape(dy, [-1, channels]) as tf.Tensor2D;
  return tf.slice(rows, [first * perPlane, 0], [planes * perPlane, channels]);
};

/**
 * Conv3DBackpropInputV2: a matrix product gives what each window gets, which is then added up. The
 * stock kernel gives wrong numbers.
 *
 * Inputs: dy [batch, outDepth, outHeight, outWidth, out] and filter [depth, height, width, in,
 * out], float32. Output: of `inputShape`.
 */
export const conv3DBackpropInput = newKernel<
  { readonly dy: tf.Tensor5D; readonly filter: tf.Tensor5D },
  tf.Conv3DBackpropInputV2Attrs
>(
  tf.Conv3DBackpropInputV2,
  ({ inputs: { dy, filter }, attrs: { inputShape, strides, pad }, backend }) =>
    tf.tidy(() => {
      const geometry = tf.backend_util.computeConv3DInfo(
        inputShape,
        filter.shape as Volume,
        strides,
        1,
        pad,
      );
      const { inChannels, outChannels, outHeight, outWidth } = geometry;
      const output = uninitialized(backend, inputShape);
      elements(backend, output).fill(0);
      const weights = tf.transpose(tf.reshape(filter, [windowSize(geometry), outChannels]));
      for (const part of partsOf(geometry)) {
        const windows = tf.tidy(() =>
          tf.matMul(rowsOf(dy, part.first, part.planes, outHeight * outWidth), weights),
        );
        const [from, to] = [elements(backend, windows), elements(backend, output)];
        forEachRun(geometry, part, (window, volume) => {
          for (let channel = 0; channel < inChannels; channel++) {
            to[volume + channel] =
              (to[volume + channel] as number) + (from[window + channel] as number);
          }
        });
        windows.dispose();
      }
      return output;
    }),
);

/**
 * Conv3DBackpropFilterV2: the windows, unfolded, times dy. The stock kernel is wrong with strides.
 *
 * Inputs: x [batch, depth, height, width, in] and dy [batch, outDepth, outHeight, outWidth, out],
 * float32. Output: of `filterShape`.
 */
export const conv3DBackpropFilter = newKernel<
  { readonly x: tf.Tensor5D; readonly dy: tf.Tensor5D },
  tf.Conv3DBackpropFilterV2Attrs
>(
  tf.Conv3DBackpropFilterV2,
  ({ inputs: { x, dy }, attrs: { filterShape, strides, pad }, backend }) =>
    tf.tidy(() => {
      const geometry = tf.backend_util.computeConv3DInfo(x.shape, filterShape, strides, 1, pad);
      const { inChannels, outChannels, outHeight, outWidth } = geometry;
      const size = windowSize(geometry);
      let sum: tf.Tensor = tf.zeros([size, outChannels]);
      for (const part of partsOf(geometry)) {
        const next = tf.tidy(() => {
          const windows = uninitialized(backend, [part.planes * outHeight * outWidth, size]);
          const [to, from] = [elements(backend, windows).fill(0), elements(backend, x)];
          forEachRun(geometry, part, (window, volume) => {
            for (let channel = 0; channel < inChannels; channel++) {
              to[window + channel] = from[volume + channel] as number;
            }
          });
          const rows = rowsOf(dy, part.first, part.planes, outHeight * outWidth);
          return tf.add(sum, tf.matMul(windows, rows, true, false));
        });
        sum.dispose();
        sum = next;
      }
      return tf.reshape(sum, filterShape);
    }),
);
