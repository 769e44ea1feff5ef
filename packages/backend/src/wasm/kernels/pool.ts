import * as tf from '@tensorflow/tfjs';
import { numberAsPadding } from '../padding';
import { improvedKernel, type TrainingKernel } from '../training-kernel';

interface Inputs {
  readonly x: tf.Tensor4D;
}

type Attributes = tf.MaxPoolAttrs & tf.AvgPoolAttrs;

/** A stock pooling, kept from tfjs's fault with a number as padding. */
const paddedRight = (kernelName: string): TrainingKernel =>
  improvedKernel<Inputs, Attributes>(
    kernelName,
    (stock) => (call) =>
      stock({ ...call, attrs: { ...call.attrs, pad: numberAsPadding(call.attrs.pad) } }),
  );

/** AvgPool, channels last. */
export const avgPool = paddedRight(tf.AvgPool);

/** MaxPool, channels last. */
export const maxPool = paddedRight(tf.MaxPool);
