import * as tf from '@tensorflow/tfjs';
import { elements, uninitialized } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly x: tf.Tensor;
  readonly segmentIds: tf.Tensor1D;
}

/**
 * UnsortedSegmentSum: the gradient of `tf.gather`, so of an embedding.
 *
 * Inputs: x [n, ...rest], float32 or int32, and segmentIds [n], int32; a negative id drops its row,
 * and so does one that is no segment. Output: [numSegments, ...rest] of x's dtype; an int32 sum is
 * exact up to 2²⁴.
 */
export const unsortedSegmentSum = newKernel<Inputs, tf.UnsortedSegmentSumAttrs>(
  tf.UnsortedSegmentSum,
  ({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }) =>
    tf.tidy(() => {
      const float = tf.cast(x, 'float32');
      const output = uninitialized(backend, [numSegments, ...x.shape.slice(segmentIds.rank)]);
      const row = tf.util.sizeFromShape(x.shape.slice(segmentIds.rank));
      const ids = backend.typedArrayFromHeap(segmentIds);
      const values = elements(backend, float);
      const sums = elements(backend, output).fill(0);
      for (let index = 0; index < ids.length; index++) {
        const segment = ids[index] as number;
        if (segment < 0 || segment >= numSegments) continue;
        const [from, to] = [index * row, segment * row];
        for (let i = 0; i < row; i++) {
          sums[to + i] = (sums[to + i] as number) + (values[from + i] as number);
        }
      }
      return tf.cast(output, x.dtype);
    }),
);
