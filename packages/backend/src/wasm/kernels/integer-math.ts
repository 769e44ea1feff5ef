import * as tf from '@tensorflow/tfjs';
import { asTensor, elements, share } from '../../tfjs-internals';
import { improvedKernel, type TrainingKernel } from '../define-kernel';
import { hasNonFinite } from './pooling';

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

/** Element-wise kernels of integers. */
export const integerMath: readonly TrainingKernel[] = [
  clipByValue,
  ...[tf.Ceil, tf.Floor, tf.Round].map(keepIntegers),
];
