import * as tf from '@tensorflow/tfjs';

/** One spatial dimension of a pooling. */
export interface PoolAxis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  /** Padding before the first element. */
  readonly before: number;
}

/** By how much too many elements a window was divided along an axis, for each place of the window. */
const excess = ({ size, window, stride, before }: PoolAxis, places: number): number[] =>
  Array.from({ length: places }, (_, place) => {
    const start = place * stride - before;
    return window / (Math.min(start + window, size) - Math.max(start, 0));
  });

/**
 * Makes up for a gradient of average pooling that divides by the whole window at a padded border:
 * the forward kernels of tfjs, as TensorFlow's, average over the elements inside only.
 *
 * @param dy [batch, …one dimension per axis, channels]
 */
export const shareAmongInside = <T extends tf.Tensor>(dy: T, axes: readonly PoolAxis[]): T =>
  tf.tidy(() =>
    axes.reduce((scaled, axis, index) => {
      const places = dy.shape[index + 1] ?? 0;
      const shape = dy.shape.map((_, dimension) => (dimension === index + 1 ? places : 1));
      return tf.mul(scaled, tf.tensor(excess(axis, places), shape, 'float32')) as T;
    }, dy),
  );

/** The axes of a pooling of images, in the geometry that tfjs computes. */
export const poolAxes2D = (
  geometry: ReturnType<typeof tf.backend_util.computePool2DInfo>,
): PoolAxis[] => {
  const { inHeight, inWidth, strideHeight, strideWidth, padInfo } = geometry;
  const { effectiveFilterHeight, effectiveFilterWidth } = geometry;
  return [
    {
      size: inHeight,
      window: effectiveFilterHeight,
      stride: strideHeight,
      before: padInfo.top,
    },
    {
      size: inWidth,
      window: effectiveFilterWidth,
      stride: strideWidth,
      before: padInfo.left,
    },
  ];
};

/** The axes of a pooling of volumes, in the geometry that tfjs computes. */
export const poolAxes3D = (
  geometry: ReturnType<typeof tf.backend_util.computePool3DInfo>,
): PoolAxis[] => [
  {
    size: geometry.inDepth,
    window: geometry.effectiveFilterDepth,
    stride: geometry.strideDepth,
    before: geometry.padInfo.front,
  },
  ...poolAxes2D(geometry as unknown as ReturnType<typeof tf.backend_util.computePool2DInfo>),
];
