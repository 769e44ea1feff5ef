import { hasNonFinite } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { asTensor, elements, share } from '../../tfjs-internals';
import { improvedKernel, type TrainingKernel } from '../define-kernel';

/** A rounding. Stock reads integers as float32. */
const keepIntegers = (kernelName: string): TrainingKernel =>
  improvedKernel<{ readonly x: tf.TensorInfo }, undefined>(
    kernelName,
    (stock) => (call) =>
      call.inputs.x.dtype === 'float32' ? stock(call) : share(call.backend, call.inputs.x),
  );

const LIMIT = 2 ** 31;

/** ClipByValue. Stock reads integers as float32, and turns NaN into the minimum. */
const clipByValue = improvedKernel<{ readonly x: tf.Tensor }, tf.ClipByValueAttrs>(
  tf.ClipByValue,
  (stock) => (call) => {
    const { x } = call.inputs;
    if (x.dtype === 'float32') {
      if (!hasNonFinite(elements(call.backend, x))) return stock(call);
      return tf.tidy(() => tf.where(tf.isNaN(x), x, asTensor(stock(call))));
    }
    const bound = (value: number) =>
      tf.scalar(Math.trunc(Math.min(Math.max(value, -LIMIT), LIMIT - 1)), 'int32');
    const { clipValueMin, clipValueMax } = call.attrs;
    return tf.tidy(() => tf.minimum(tf.maximum(x, bound(clipValueMin)), bound(clipValueMax)));
  },
);

/** Relu6. Stock turns NaN into 0. */
const relu6 = improvedKernel<{ readonly x: tf.Tensor }, undefined>(tf.Relu6, (stock) => (call) => {
  const { x } = call.inputs;
  if (!hasNonFinite(elements(call.backend, x))) return stock(call);
  return tf.tidy(() => tf.where(tf.isNaN(x), x, asTensor(stock(call))));
});

interface Pair {
  readonly a: tf.Tensor;
  readonly b: tf.Tensor;
}

/** Maximum or Minimum. Stock returns the first operand where the second one is NaN. */
const keepNaN = (kernelName: string): TrainingKernel =>
  improvedKernel<Pair, undefined>(kernelName, (stock) => (call) => {
    const { b } = call.inputs;
    if (b.dtype !== 'float32' || !hasNonFinite(elements(call.backend, b))) return stock(call);
    return tf.tidy(() => tf.where(tf.isNaN(b), b, asTensor(stock(call))));
  });

/** Element-wise kernels that stock computes wrongly for integers or NaN. */
export const elementwiseCorrections: readonly TrainingKernel[] = [
  clipByValue,
  relu6,
  ...[tf.Maximum, tf.Minimum].map(keepNaN),
  ...[tf.Ceil, tf.Floor, tf.Round].map(keepIntegers),
];
