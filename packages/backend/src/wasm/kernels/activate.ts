import * as tf from '@tensorflow/tfjs';

/**
 * Applies the activation of a fused kernel.
 *
 * @param preluWeights broadcast against x; needed by prelu only
 * @param leakyreluAlpha slope below zero; needed by leakyrelu only
 * @throws RangeError for an activation that tfjs does not fuse.
 */
export const activate = (
  x: tf.Tensor,
  activation: string,
  preluWeights?: tf.Tensor,
  leakyreluAlpha?: number,
): tf.Tensor => {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return tf.relu(x);
    case 'relu6':
      return tf.relu6(x);
    case 'elu':
      return tf.elu(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'leakyrelu':
      return tf.leakyRelu(x, leakyreluAlpha);
    case 'prelu':
      if (preluWeights !== undefined) return tf.prelu(x, preluWeights);
  }
  throw new RangeError(
    `fused activation: expected linear, relu, relu6, elu, sigmoid, leakyrelu, or prelu with weights, got ${activation}. Apply it as an op of its own.`,
  );
};
