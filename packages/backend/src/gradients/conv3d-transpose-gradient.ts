import * as tf from '@tensorflow/tfjs';

/**
 * The gradient of `tf.conv3dTranspose`, which tfjs has none of: that operation is itself the
 * gradient of a convolution with respect to its input, so the convolution is the way back.
 */
export const conv3dTransposeGradient: tf.GradConfig = {
  kernelName: tf.Conv3DBackpropInputV2,
  inputsToSave: ['dy', 'filter'],
  gradFunc: (ddx, saved, attrs) => {
    const { strides, pad } = attrs as unknown as tf.Conv3DBackpropInputV2Attrs;
    const [dy, filter] = saved as [tf.Tensor5D, tf.Tensor5D];
    const x = ddx as tf.Tensor5D;
    return {
      dy: () => tf.conv3d(x, filter, strides, pad),
      filter: () =>
        tf.engine().runKernel(
          tf.Conv3DBackpropFilterV2,
          { x, dy },
          {
            strides,
            pad,
            filterShape: filter.shape,
          },
        ) as tf.Tensor,
    };
  },
};
