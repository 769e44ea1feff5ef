import * as tf from '@tensorflow/tfjs';
import { addToNearest, type NearestAttributes } from '../../gradients/resize-nearest';
import { elements, integerElements, uninitialized } from '../../tfjs-internals';
import { newKernel } from '../define-kernel';

interface SegmentInputs {
  readonly x: tf.Tensor;
  readonly segmentIds: tf.Tensor1D;
}

/**
 * UnsortedSegmentSum: the gradient of `tf.gather`, and so of an embedding.
 *
 * Inputs: x [n, ...rest], float32 or int32, and segmentIds [n], int32. Rows whose id is negative,
 * or not less than `numSegments`, are dropped. Output: [numSegments, ...rest] of x's dtype; int32
 * sums are exact up to 2²⁴.
 */
export const unsortedSegmentSum = newKernel<SegmentInputs, tf.UnsortedSegmentSumAttrs>(
  tf.UnsortedSegmentSum,
  ({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }) =>
    tf.tidy(() => {
      tf.util.assertShapesMatch(
        x.shape.slice(0, segmentIds.rank),
        segmentIds.shape,
        'Operation "UnsortedSegmentSum": the first dimensions of x have to be those of segmentIds: ',
      );
      const float = tf.cast(x, 'float32');
      const output = uninitialized(backend, [numSegments, ...x.shape.slice(segmentIds.rank)]);
      const rowSize = tf.util.sizeFromShape(x.shape.slice(segmentIds.rank));
      const ids = integerElements(backend, segmentIds);
      const values = elements(backend, float);
      const sums = elements(backend, output).fill(0);
      for (let index = 0; index < ids.length; index++) {
        const segment = ids[index] as number;
        if (segment < 0 || segment >= numSegments) continue;
        const [from, to] = [index * rowSize, segment * rowSize];
        for (let i = 0; i < rowSize; i++) {
          sums[to + i] = (sums[to + i] as number) + (values[from + i] as number);
        }
      }
      return tf.cast(output, x.dtype);
    }),
);

interface ResizeInputs {
  readonly images: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/**
 * ResizeNearestNeighborGrad. Stock returns zeros for an image with a height or width of 1 and
 * aligned corners.
 *
 * Inputs: images [batch, height, width, channels] and dy [batch, newHeight, newWidth, channels];
 * float32. Output: the shape of images.
 */
export const resizeNearestNeighborGrad = newKernel<ResizeInputs, NearestAttributes>(
  tf.ResizeNearestNeighborGrad,
  ({ inputs: { images, dy }, attrs, backend }) => {
    const output = uninitialized(backend, images.shape);
    const dx = elements(backend, output).fill(0);
    const shapes = { dx: images.shape, dy: dy.shape };
    addToNearest(dx, elements(backend, dy), shapes, attrs, Math.fround);
    return output;
  },
);
