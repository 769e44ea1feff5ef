import * as tf from '@tensorflow/tfjs';

/** Kernels of one and of two inputs that give true or false, and so are flat wherever they don't jump. */
const unary = [tf.All, tf.Any, tf.LogicalNot];
const binary = [
  tf.Equal,
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
  tf.NotEqual,
];

const flat = (kernelName: string, inputs: string[]): tf.GradConfig => ({
  kernelName,
  inputsToSave: inputs,
  gradFunc: (_dy, saved) =>
    Object.fromEntries(saved.map(({ shape }, index) => [inputs[index], () => tf.zeros(shape)])),
});

/**
 * Gradients of zero for comparisons, as tfjs has them for `step` and `floor`. Without one, tfjs
 * refuses every function whose input is also compared: `where(greater(x, 0), x, y)`, a thresholded
 * ReLU, or a mask in the middle of a net.
 */
export const comparisonGradients: readonly tf.GradConfig[] = [
  ...unary.map((name) => flat(name, ['x'])),
  ...binary.map((name) => flat(name, ['a', 'b'])),
];
