import * as tf from '@tensorflow/tfjs';

const backendName = 'tensorflow';

const replaceKernel = (
  kernelName: string,
  create: (stock: tf.KernelFunc) => tf.KernelFunc,
): void => {
  const stock = tf.getKernel(kernelName, backendName);
  if (stock === undefined) return;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...stock, kernelFunc: create(stock.kernelFunc) });
};

/**
 * tfjs-node multiplies the slope with x - |x|, which overflows for large numbers: the result is NaN
 * for Infinity, and -Infinity for -3e38.
 */
const prelu: tf.KernelFunc = ({ inputs }) =>
  tf.tidy(() => {
    // The kernels of tfjs-node are called with tensors too.
    const { x, alpha } = inputs as { x: tf.Tensor; alpha: tf.Tensor };
    const [values, slope] = [x.toFloat(), alpha.toFloat()];
    return tf.add(tf.relu(values), tf.mul(slope, tf.minimum(values, 0)));
  });

/** tfjs-node converts the limits to bool as well, so that a lower limit of -1 makes every value true. */
const clipByValue =
  (stock: tf.KernelFunc): tf.KernelFunc =>
  (call) => {
    if (call.inputs.x?.dtype !== 'bool') return stock(call);
    throw new TypeError(
      'clipByValue() on TensorFlow: expected a tensor of dtype float32 or int32, got bool. Cast it first.',
    );
  };

let corrected = false;

/**
 * Replaces kernels of tfjs-node that compute wrong numbers. Has no effect before they are registered,
 * and when called again.
 */
export const correctTfjsNodeKernels = (): void => {
  if (corrected || tf.getKernel(tf.Prelu, backendName) === undefined) return;
  corrected = true;
  replaceKernel(tf.Prelu, () => prelu);
  replaceKernel(tf.ClipByValue, clipByValue);
};
