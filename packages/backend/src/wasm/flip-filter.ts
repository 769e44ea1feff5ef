import type * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { elements, uninitialized } from './tensors';

/**
 * Turns a filter by 180°: height and width reversed. Element blocks are moved whole; the stock
 * Reverse kernel moves single elements.
 *
 * @param filter [height, width, …], float32
 */
export const flipFilter = (backend: BackendWasm, filter: tf.Tensor4D): tf.Tensor4D => {
  const output = uninitialized(backend, filter.shape) as tf.Tensor4D;
  const [height, width] = filter.shape;
  const block = filter.size / (height * width);
  const [from, to] = [elements(backend, filter), elements(backend, output)];
  for (let place = 0; place < height * width; place++) {
    const source = (height * width - 1 - place) * block;
    to.set(from.subarray(source, source + block), place * block);
  }
  return output;
};
