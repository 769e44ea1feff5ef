import * as tf from '@tensorflow/tfjs';
import type { GradientCases } from './gradient-case';

type Images = tf.Tensor4D;
type Volumes = tf.Tensor5D;

export const imageGradients: GradientCases = {
  maxPool: {
    shapes: [[2, 7, 6, 3]],
    run: (x) => tf.maxPool(x as Images, 3, 2, 'same'),
    python: "tf.nn.max_pool2d(x[0], 3, 2, 'SAME')",
  },
  avgPool: {
    shapes: [[2, 7, 6, 3]],
    run: (x) => tf.avgPool(x as Images, 3, 2, 'same'),
    python: "tf.nn.avg_pool2d(x[0], 3, 2, 'SAME')",
  },
  maxPool3d: {
    shapes: [[2, 5, 4, 6, 2]],
    run: (x) => tf.maxPool3d(x as Volumes, 2, 2, 'same'),
    python: "tf.nn.max_pool3d(x[0], 2, 2, 'SAME')",
  },
  avgPool3d: {
    shapes: [[2, 4, 4, 6, 2]],
    run: (x) => tf.avgPool3d(x as Volumes, 2, 2, 'valid'),
    python: "tf.nn.avg_pool3d(x[0], 2, 2, 'VALID')",
  },
  'avgPool3d at padded borders': {
    shapes: [[2, 5, 4, 6, 2]],
    run: (x) => tf.avgPool3d(x as Volumes, 3, 2, 'same'),
    python: "tf.nn.avg_pool3d(x[0], 3, 2, 'SAME')",
  },
  'upsampling by the nearest': {
    shapes: [[2, 3, 4, 2]],
    run: (x) => tf.image.resizeNearestNeighbor(x as Images, [6, 8]),
    python: 'tf.compat.v1.image.resize_nearest_neighbor(x[0], [6, 8])',
  },
  'upsampling, bilinear': {
    shapes: [[2, 3, 4, 2]],
    run: (x) => tf.image.resizeBilinear(x as Images, [6, 8]),
    python: 'tf.compat.v1.image.resize_bilinear(x[0], [6, 8])',
  },
};
