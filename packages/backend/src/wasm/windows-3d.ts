import type * as tf from '@tensorflow/tfjs';

/** Where the windows of a convolution lie in its volume, as tfjs's `computeConv3DInfo` gives it. */
export type Windows3D = ReturnType<typeof tf.backend_util.computeConv3DInfo>;

/** Elements of the windows that are unfolded at a time: 16 MiB of them. */
const windowElements = 4 << 20;

/** How many elements one window has. */
export const windowSize = (geometry: Windows3D): number =>
  geometry.filterDepth * geometry.filterHeight * geometry.filterWidth * geometry.inChannels;

/** The planes of the output, [batch × depth] of them, in parts whose windows fit in memory together. */
export function* partsOf(geometry: Windows3D): Generator<{ first: number; planes: number }> {
  const { batchSize, outDepth, outHeight, outWidth } = geometry;
  const perPlane = Math.max(outHeight * outWidth * windowSize(geometry), 1);
  const step = Math.max(1, Math.floor(windowElements / perPlane));
  for (let first = 0; first < batchSize * outDepth; first += step) {
    yield { first, planes: Math.min(step, batchSize * outDepth - first) };
  }
}

/**
 * Visits, for each window over some planes of the output, the elements that lie on the volume, a
 * run of channels at a time.
 *
 * @param visit takes the index of a run in the unfolded windows, [planes, outHeight, outWidth,
 *   filterDepth, filterHeight, filterWidth, channels], and that in the volume
 */
export const forEachRun = (
  geometry: Windows3D,
  { first, planes }: { readonly first: number; readonly planes: number },
  visit: (window: number, volume: number) => void,
): void => {
  const { inDepth, inHeight, inWidth, inChannels, outDepth, outHeight, outWidth } = geometry;
  const { filterDepth, filterHeight, filterWidth, padInfo } = geometry;
  const { strideDepth, strideHeight, strideWidth } = geometry;
  const { dilationDepth, dilationHeight, dilationWidth } = geometry;
  let window = 0;
  const one = (plane: number, row: number, column: number): void => {
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
      for (let column = 0; column < outWidth; column++) one(plane, row, column);
    }
  }
};
