import * as tf from '@tensorflow/tfjs';
import { einsumGradient } from './einsum-gradient';

/** Gives tfjs the gradients that it lacks on every backend. Calling it again does nothing. */
export const registerTrainingGradients = (): void => {
  for (const gradient of [einsumGradient]) {
    if (tf.getGradient(gradient.kernelName) === undefined) tf.registerGradient(gradient);
  }
};
