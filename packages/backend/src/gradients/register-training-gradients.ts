import * as tf from '@tensorflow/tfjs';
import { comparisonGradients } from './comparison-gradients';
import { conv3dTransposeGradient } from './conv3d-transpose-gradient';
import { correctCpuGradientKernels } from './cpu-gradient-kernels';
import { dilatedConvolutionGradients } from './dilated-convolutions';
import { einsumGradient } from './einsum-gradient';

let registered = false;

/** Gives tfjs the gradients that it lacks on every backend, and right ones on cpu. Calling it again does nothing. */
export const registerTrainingGradients = (): void => {
  if (registered) return;
  registered = true;
  for (const gradient of [einsumGradient, conv3dTransposeGradient, ...comparisonGradients]) {
    if (tf.getGradient(gradient.kernelName) === undefined) tf.registerGradient(gradient);
  }
  for (const gradient of dilatedConvolutionGradients()) {
    tf.unregisterGradient(gradient.kernelName);
    tf.registerGradient(gradient);
  }
  correctCpuGradientKernels();
};
