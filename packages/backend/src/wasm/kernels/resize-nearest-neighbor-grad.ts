import * as tf from '@tensorflow/tfjs';
import { addToNearest, type NearestAttributes } from '../../gradients';
import { elements, uninitialized } from '../tensors';
import { newKernel } from '../training-kernel';

interface Inputs {
  readonly images: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/**
 * ResizeNearestNeighborGrad. Stock gives zeros for an image one element high or wide whose corners
 * are aligned.
 *
 * Inputs: images [batch, height, width, channels] and dy [batch, newHeight, newWidth, channels],
 * float32. Output: like images.
 */
export const resizeNearestNeighborGrad = newKernel<Inputs, NearestAttributes>(
  tf.ResizeNearestNeighborGrad,
  ({ inputs: { images, dy }, attrs, backend }) => {
    const output = uninitialized(backend, images.shape);
    const dx = elements(backend, output).fill(0);
    const shapes = { dx: images.shape, dy: dy.shape };
    addToNearest(dx, elements(backend, dy), shapes, attrs, Math.fround);
    return output;
  },
);
