import { ExplainedRangeError } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { asTensor } from '../../tfjs-internals';
import { improvedKernel, type TrainingKernel } from '../define-kernel';

type ReductionAttributes = tf.SumAttrs & Partial<tf.MaxAttrs>;

const MAX_INT32 = 2 ** 31 - 1;

/** The result of each reduction over no elements, as in TensorFlow. */
const neutralElements: Readonly<Record<string, (dtype: tf.DataType) => number>> = {
  [tf.All]: () => 1,
  [tf.Any]: () => 0,
  [tf.Max]: (dtype) =>
    dtype === 'float32' ? Number.NEGATIVE_INFINITY : dtype === 'int32' ? -MAX_INT32 - 1 : 0,
  [tf.Mean]: () => Number.NaN,
  [tf.Min]: (dtype) =>
    dtype === 'float32' ? Number.POSITIVE_INFINITY : dtype === 'int32' ? MAX_INT32 : 1,
  [tf.Prod]: () => 1,
  [tf.Sum]: () => 0,
};

/** A reduction of no elements. Stock leaves the result unset. */
const emptyReduction = (
  kernelName: string,
  neutral: (dtype: tf.DataType) => number,
): TrainingKernel =>
  improvedKernel<{ readonly x: tf.TensorInfo }, ReductionAttributes>(
    kernelName,
    (stock) => (call) => {
      const { shape, dtype } = call.inputs.x;
      if (!shape.includes(0)) return stock(call);
      const { axis, reductionIndices, keepDims } = call.attrs;
      const axes = tf.util.parseAxisParam(reductionIndices ?? axis, shape);
      const [reduced] = tf.backend_util.computeOutAndReduceShapes(shape, axes);
      const outShape = keepDims ? tf.backend_util.expandShapeToKeepDim(reduced, axes) : reduced;
      return tf.fill(outShape, neutral(dtype), kernelName === tf.Mean ? 'float32' : dtype);
    },
  );

const emptyArgument = (kernelName: string): TrainingKernel =>
  improvedKernel<{ readonly x: tf.TensorInfo }, tf.ArgMaxAttrs>(kernelName, (stock) => (call) => {
    const { shape } = call.inputs.x;
    const [axis = 0] = tf.util.parseAxisParam(call.attrs.axis, shape);
    const isUndefined = shape[axis] === 0 && shape.every((size, at) => at === axis || size > 0);
    if (!isUndefined) return stock(call);
    throw new ExplainedRangeError({
      subject: `operation "${kernelName}" over dimension ${axis}`,
      expected: 'at least one element',
      actual: `shape [${shape}]`,
      fix: 'Skip empty tensors.',
    });
  });

/** Bincount of a matrix. Stock counts each row, where tfjs's other backends count all elements. */
const bincount = improvedKernel<
  { readonly x: tf.Tensor; readonly weights: tf.Tensor },
  tf.BincountAttrs
>(tf.Bincount, (stock) => (call) => {
  const { x, weights } = call.inputs;
  if (x.shape.length === 1) return stock(call);
  return tf.tidy(() =>
    asTensor(stock({ ...call, inputs: { x: x.flatten(), weights: weights.flatten() } })),
  );
});

/** Reductions that handle tensors without elements, and matrices. */
export const reductions: readonly TrainingKernel[] = [
  ...Object.entries(neutralElements).map(([name, neutral]) => emptyReduction(name, neutral)),
  ...[tf.ArgMax, tf.ArgMin].map(emptyArgument),
  bincount,
];
