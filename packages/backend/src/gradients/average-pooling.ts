import * as tf from '@tensorflow/tfjs';

export type PoolGeometry2D = ReturnType<typeof tf.backend_util.computePool2DInfo>;

export type PoolGeometry3D = ReturnType<typeof tf.backend_util.computePool3DInfo>;

interface PoolAxis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  /** Padding before the first element. */
  readonly before: number;
}

const poolAxes2D = (
  geometry: Pick<
    PoolGeometry2D,
    | 'inHeight'
    | 'inWidth'
    | 'strideHeight'
    | 'strideWidth'
    | 'effectiveFilterHeight'
    | 'effectiveFilterWidth'
  > & { readonly padInfo: { readonly top: number; readonly left: number } },
): PoolAxis[] => [
  {
    size: geometry.inHeight,
    window: geometry.effectiveFilterHeight,
    stride: geometry.strideHeight,
    before: geometry.padInfo.top,
  },
  {
    size: geometry.inWidth,
    window: geometry.effectiveFilterWidth,
    stride: geometry.strideWidth,
    before: geometry.padInfo.left,
  },
];

const poolAxes3D = (geometry: PoolGeometry3D): PoolAxis[] => [
  {
    size: geometry.inDepth,
    window: geometry.effectiveFilterDepth,
    stride: geometry.strideDepth,
    before: geometry.padInfo.front,
  },
  ...poolAxes2D(geometry),
];

/**
 * For each window along an axis, its size divided by the number of its elements that are not
 * padding.
 */
const correctionFactors = ({ size, window, stride, before }: PoolAxis, windows: number): number[] =>
  Array.from({ length: windows }, (_, index) => {
    const start = index * stride - before;
    return window / (Math.min(start + window, size) - Math.max(start, 0));
  });

const scale = <T extends tf.Tensor>(dy: T, axes: readonly PoolAxis[]): T =>
  tf.tidy(() =>
    axes.reduce((scaled, axis, index) => {
      const windows = dy.shape[index + 1] ?? 0;
      const shape = dy.shape.map((_, dimension) => (dimension === index + 1 ? windows : 1));
      return tf.mul(scaled, tf.tensor(correctionFactors(axis, windows), shape, 'float32')) as T;
    }, dy),
  );

/**
 * Scales dy for a gradient kernel that divides by the full window size at padded borders. tfjs's
 * forward kernels, like TensorFlow's, average only over elements that are not padding.
 *
 * @param dy [batch, outHeight, outWidth, channels]
 */
export const correctPaddedAverage2D = <T extends tf.Tensor>(dy: T, geometry: PoolGeometry2D): T =>
  scale(dy, poolAxes2D(geometry));

/**
 * The same as {@link correctPaddedAverage2D}, for volumes.
 *
 * @param dy [batch, outDepth, outHeight, outWidth, channels]
 */
export const correctPaddedAverage3D = <T extends tf.Tensor>(dy: T, geometry: PoolGeometry3D): T =>
  scale(dy, poolAxes3D(geometry));
