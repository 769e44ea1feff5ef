import { ExplainedRangeError } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';

/** Applies the activation of a fused kernel as a separate op. */
export const applyActivation = (
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
  throw new ExplainedRangeError({
    subject: 'activation of a fused kernel',
    expected: '"linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", or "prelu" with weights',
    actual: `"${activation}"`,
    fix: 'Apply the activation as a separate op.',
  });
};
