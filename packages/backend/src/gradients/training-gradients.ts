import * as tf from '@tensorflow/tfjs';
import { correctCpuMove, runKernel } from '../tfjs-internals';
import { correctCenteredRmsProp } from './centered-rms-prop';
import { correctCpuGradientKernels } from './cpu-gradient-kernels';
import { dilatedConvolutionGradients } from './dilated-convolutions';
import { einsumGradient } from './einsum';

const unaryComparisons = [tf.All, tf.Any, tf.LogicalNot];
const binaryComparisons = [
  tf.Equal,
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
  tf.NotEqual,
];

const zeroGradient = (kernelName: string, inputs: string[]): tf.GradConfig => ({
  kernelName,
  inputsToSave: inputs,
  gradFunc: (_dy, saved) =>
    Object.fromEntries(saved.map(({ shape }, index) => [inputs[index], () => tf.zeros(shape)])),
});

/**
 * Zero gradients of comparisons, like those that tfjs has for `step` and `floor`. Without them tfjs
 * can't differentiate a function that also compares its input: `where(greater(x, 0), x, y)`, a
 * thresholded ReLU, or a mask within a model.
 */
const comparisonGradients: readonly tf.GradConfig[] = [
  ...unaryComparisons.map((name) => zeroGradient(name, ['x'])),
  ...binaryComparisons.map((name) => zeroGradient(name, ['a', 'b'])),
];

/**
 * The gradient of `tf.conv3dTranspose`, which tfjs lacks. The op is the gradient of a convolution
 * with respect to its input, so its own gradient is that convolution.
 */
const conv3dTransposeGradient: tf.GradConfig = {
  kernelName: tf.Conv3DBackpropInputV2,
  inputsToSave: ['dy', 'filter'],
  gradFunc: (ddx, saved, attrs) => {
    const { strides, pad } = attrs as unknown as tf.Conv3DBackpropInputV2Attrs;
    const [dy, filter] = saved as [tf.Tensor5D, tf.Tensor5D];
    const x = ddx as tf.Tensor5D;
    return {
      dy: () => tf.conv3d(x, filter, strides, pad),
      filter: () =>
        runKernel(
          tf.Conv3DBackpropFilterV2,
          { x, dy },
          { strides, pad, filterShape: filter.shape },
        ),
    };
  },
};

let registered = false;

/**
 * Registers the gradients that tfjs lacks on every backend, and corrects those of its cpu backend, its
 * centered RMSProp, and complex tensors that move to cpu. Repeated calls have no effect.
 */
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
  correctCpuMove();
  correctCenteredRmsProp();
};
