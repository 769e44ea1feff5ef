import * as tf from '@tensorflow/tfjs';
import { elements, uninitialized } from '../../tfjs-internals';
import { assertGradientShape } from '../assert-gradient-shape';
import { newKernel } from '../define-kernel';

type Shape5D = [number, number, number, number, number];

type Conv3DGeometry = ReturnType<typeof tf.backend_util.computeConv3DInfo>;

/** A range of output planes, of which there are batch × depth. */
interface PlaneRange {
  readonly first: number;
  readonly planes: number;
}

/** Maximum number of window elements in memory at a time: 16 MiB. */
const MAX_WINDOW_ELEMENTS = 4 << 20;

const windowSizeOf = (geometry: Conv3DGeometry): number =>
  geometry.filterDepth * geometry.filterHeight * geometry.filterWidth * geometry.inChannels;

/** Splits the output planes into ranges whose windows fit in memory together. */
function* planeRanges(geometry: Conv3DGeometry): Generator<PlaneRange> {
  const { batchSize, outDepth, outHeight, outWidth } = geometry;
  const elementsPerPlane = Math.max(outHeight * outWidth * windowSizeOf(geometry), 1);
  const step = Math.max(1, Math.floor(MAX_WINDOW_ELEMENTS / elementsPerPlane));
  for (let first = 0; first < batchSize * outDepth; first += step) {
    yield { first, planes: Math.min(step, batchSize * outDepth - first) };
  }
}

/**
 * Visits the window elements of some output planes that are not padding, one run of channels at a
 * time.
 *
 * @param visit receives the index of the run's first channel in the windows, [planes, outHeight,
 *   outWidth, filterDepth, filterHeight, filterWidth, channels], and in the volume
 */
const forEachRun = (
  geometry: Conv3DGeometry,
  { first, planes }: PlaneRange,
  visit: (window: number, volume: number) => void,
): void => {
  const { inDepth, inHeight, inWidth, inChannels, outDepth, outHeight, outWidth } = geometry;
  const { filterDepth, filterHeight, filterWidth, padInfo } = geometry;
  const { strideDepth, strideHeight, strideWidth } = geometry;
  const { dilationDepth, dilationHeight, dilationWidth } = geometry;
  let window = 0;
  const visitWindow = (plane: number, row: number, column: number): void => {
    const batch = Math.floor(plane / outDepth);
    const front = (plane % outDepth) * strideDepth - padInfo.front;
    const top = row * strideHeight - padInfo.top;
    const left = column * strideWidth - padInfo.left;
    for (let d = 0; d < filterDepth; d++) {
      const z = front + d * dilationDepth;
      for (let h = 0; h < filterHeight; h++) {
        const y = top + h * dilationHeight;
        for (let w = 0; w < filterWidth; w++, window += inChannels) {
          const x = left + w * dilationWidth;
          if (z < 0 || z >= inDepth || y < 0 || y >= inHeight || x < 0 || x >= inWidth) continue;
          visit(window, (((batch * inDepth + z) * inHeight + y) * inWidth + x) * inChannels);
        }
      }
    }
  };
  for (let plane = first; plane < first + planes; plane++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) visitWindow(plane, row, column);
    }
  }
};

/** Returns the rows of dy that belong to some planes, one row per window. */
const rowsOf = (
  dy: tf.Tensor,
  { first, planes }: PlaneRange,
  windowsPerPlane: number,
): tf.Tensor2D => {
  const channels = dy.shape.at(-1) ?? 1;
  const rows = tf.reshape(dy, [-1, channels]) as tf.Tensor2D;
  return tf.slice(rows, [first * windowsPerPlane, 0], [planes * windowsPerPlane, channels]);
};

/**
 * Conv3DBackpropInputV2: a matrix product yields the gradient of each window, then they are summed
 * up. The stock kernel returns wrong numbers.
 *
 * Inputs: dy [batch, outDepth, outHeight, outWidth, out] and filter [depth, height, width, in,
 * out]; float32. Output: `inputShape`.
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
        filter.shape as Shape5D,
        strides,
        1,
        pad,
      );
      assertGradientShape(tf.Conv3DBackpropInputV2, dy, geometry.outShape);
      const { inChannels, outChannels, outHeight, outWidth } = geometry;
      const output = uninitialized(backend, inputShape);
      elements(backend, output).fill(0);
      const weights = tf.transpose(tf.reshape(filter, [windowSizeOf(geometry), outChannels]));
      for (const range of planeRanges(geometry)) {
        const windows = tf.tidy(() => tf.matMul(rowsOf(dy, range, outHeight * outWidth), weights));
        const [from, to] = [elements(backend, windows), elements(backend, output)];
        forEachRun(geometry, range, (window, volume) => {
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
 * Conv3DBackpropFilterV2: the product of the transposed windows and dy. The stock kernel returns
 * wrong numbers with strides.
 *
 * Inputs: x [batch, depth, height, width, in] and dy [batch, outDepth, outHeight, outWidth, out];
 * float32. Output: `filterShape`.
 */
export const conv3DBackpropFilter = newKernel<
  { readonly x: tf.Tensor5D; readonly dy: tf.Tensor5D },
  tf.Conv3DBackpropFilterV2Attrs
>(
  tf.Conv3DBackpropFilterV2,
  ({ inputs: { x, dy }, attrs: { filterShape, strides, pad }, backend }) =>
    tf.tidy(() => {
      const geometry = tf.backend_util.computeConv3DInfo(x.shape, filterShape, strides, 1, pad);
      assertGradientShape(tf.Conv3DBackpropFilterV2, dy, geometry.outShape);
      const { inChannels, outChannels, outHeight, outWidth } = geometry;
      const windowSize = windowSizeOf(geometry);
      let sum: tf.Tensor = tf.zeros([windowSize, outChannels]);
      for (const range of planeRanges(geometry)) {
        const next = tf.tidy(() => {
          const windows = uninitialized(backend, [range.planes * outHeight * outWidth, windowSize]);
          const [to, from] = [elements(backend, windows).fill(0), elements(backend, x)];
          forEachRun(geometry, range, (window, volume) => {
            for (let channel = 0; channel < inChannels; channel++) {
              to[window + channel] = from[volume + channel] as number;
            }
          });
          const rows = rowsOf(dy, range, outHeight * outWidth);
          return tf.add(sum, tf.matMul(windows, rows, true, false));
        });
        sum.dispose();
        sum = next;
      }
      return tf.reshape(sum, filterShape);
    }),
);
