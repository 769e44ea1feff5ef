import * as tf from '@tensorflow/tfjs';
import { poolAxes3D, shareAmongInside } from '../../gradients';
import { improvedKernel } from '../training-kernel';

interface Inputs {
  readonly dy: tf.Tensor5D;
  readonly input: tf.Tensor5D;
}

/**
 * AvgPool3DGrad. Stock divides by the whole window at a padded border, where the forward kernel
 * averages over the elements inside only.
 *
 * Inputs: dy [batch, outDepth, outHeight, outWidth, channels] and input [batch, depth, height,
 * width, channels], float32. Output: like input.
 */
export const avgPool3DGrad = improvedKernel<Inputs, tf.AvgPool3DGradAttrs>(
  tf.AvgPool3DGrad,
  (stock) => (call) => {
    const { filterSize, strides, pad, dimRoundingMode } = call.attrs;
    const { input, dy } = call.inputs;
    const geometry = tf.backend_util.computePool3DInfo(
      input.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const scaled = shareAmongInside(dy, poolAxes3D(geometry));
    try {
      return stock({ ...call, inputs: { input, dy: scaled } });
    } finally {
      scaled.dispose();
    }
  },
);
