import * as tf from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';

/**
 * One example of zeros (or empty strings) that fits a signature, open dimensions being 1. Enough to
 * make a model's variables when there is no data at hand. The caller disposes the tensors.
 */
export const dummyFeatures = (signature: InputSignature): Record<string, tf.Tensor> => {
  const zeros = ({ dtype, shape }: InputSignature[string]): tf.Tensor => {
    const sizes = shape.map((size) => size ?? 1);
    return dtype === 'string' ? tf.fill(sizes, '', 'string') : tf.zeros(sizes, dtype);
  };
  return Object.fromEntries(
    Object.entries(signature).map(([name, spec]) => [name, zeros(spec)] as const),
  );
};
