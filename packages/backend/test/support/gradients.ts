import * as tf from '@tensorflow/tfjs';

type Images = tf.Tensor4D;

/** `tf.grads` for functions of rank-4 tensors, which its type rejects. */
export const gradients = (
  f: (...xs: Images[]) => tf.Tensor,
  xs: readonly Images[],
  dy?: tf.Tensor,
): tf.Tensor[] => tf.grads(f as (...xs: tf.Tensor[]) => tf.Tensor)([...xs], dy);
