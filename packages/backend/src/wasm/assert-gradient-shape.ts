import { ExplainedRangeError, sameShape } from '@elistimator/internal';
import type { TensorInfo } from '@tensorflow/tfjs';

/**
 * Asserts that the gradient of an output has the output's shape. Other shapes would be read out of
 * bounds. `tf.conv2dTranspose` and `tf.conv3dTranspose` hand over their input as this gradient.
 */
export const assertGradientShape = (
  kernelName: string,
  { shape }: TensorInfo,
  expected: readonly number[],
): void => {
  if (sameShape(shape, expected)) return;
  throw new ExplainedRangeError({
    subject: `the output gradient of operation "${kernelName}"`,
    expected: `shape [${expected}], which follows from the input shape, strides and padding`,
    actual: `[${shape}]`,
    fix: 'For a transposed convolution, pass an output shape that these strides and padding reduce to the shape of x.',
  });
};
