import * as tf from '@tensorflow/tfjs';

interface CenteredFields {
  epsilon: number;
  readonly centered: boolean;
}

let isCorrected = false;

/**
 * Corrects tfjs's centered RMSProp, which divides by √(mean of squares − squared mean − epsilon): the
 * root of a negative number where gradients hardly vary. TensorFlow adds epsilon. Repeated calls have no
 * effect.
 */
export const correctCenteredRmsProp = (): void => {
  if (isCorrected) return;
  isCorrected = true;
  const { prototype } = tf.RMSPropOptimizer;
  const { applyGradients } = prototype;
  prototype.applyGradients = function (gradients) {
    const fields = this as unknown as CenteredFields;
    const { epsilon } = fields;
    if (fields.centered) fields.epsilon = -epsilon;
    try {
      applyGradients.call(this, gradients);
    } finally {
      fields.epsilon = epsilon;
    }
  };
};
