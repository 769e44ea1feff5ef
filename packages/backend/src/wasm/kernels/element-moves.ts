import { ExplainedRangeError } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { runOnCpu } from '../../run-on-cpu';
import { relabel } from '../../tfjs-internals';
import { improvedKernel, newKernel, type TrainingKernel } from '../define-kernel';

/** A kernel that copies elements. Stock labels every result as float32. */
const keepDtype = (kernelName: string): TrainingKernel =>
  improvedKernel<{ readonly x: tf.TensorInfo }, tf.NamedAttrMap>(kernelName, (stock) => (call) => {
    const result = stock(call);
    const { dtype } = call.inputs.x;
    return dtype === 'int32' && result.dtype === 'float32'
      ? relabel(call.backend, result, dtype)
      : result;
  });

/** GatherV2. Stock returns an intermediate shape if there are no elements. */
const gather = improvedKernel<
  { readonly x: tf.TensorInfo; readonly indices: tf.TensorInfo },
  tf.GatherV2Attrs
>(tf.GatherV2, (stock) => (call) => {
  const { x, indices } = call.inputs;
  const isEmpty = x.shape.includes(0) || indices.shape.includes(0);
  if (!isEmpty) return stock(call);
  const { axis, batchDims } = call.attrs;
  const [parsed = 0] = tf.util.parseAxisParam(axis, x.shape);
  const { outputShape } = tf.backend_util.segment_util.collectGatherOpShapeInfo(
    x as tf.Tensor,
    indices as tf.Tensor,
    parsed,
    batchDims,
  );
  if (!outputShape.includes(0)) {
    throw new ExplainedRangeError({
      subject: `indices of operation "${tf.GatherV2}"`,
      expected: `none, because dimension ${parsed} of shape [${x.shape}] is empty`,
      actual: `indices of shape [${indices.shape}]`,
      fix: 'Skip empty tensors.',
    });
  }
  return call.backend.makeOutput(outputShape, x.dtype);
});

/** OneHot. Stock writes integers for every dtype. An index out of range sets no element. */
const oneHot = newKernel<{ readonly indices: tf.TensorInfo }, tf.OneHotAttrs>(
  tf.OneHot,
  ({ inputs: { indices }, attrs: { depth, onValue, offValue, dtype }, backend }) => {
    const output = backend.makeOutput([...indices.shape, depth], dtype);
    const values = backend.typedArrayFromHeap(output).fill(offValue);
    backend.typedArrayFromHeap(indices).forEach((index, row) => {
      if (index >= 0 && index < depth) values[row * depth + index] = onValue;
    });
    return output;
  },
);

/** Fill, also with strings. */
const fill = improvedKernel<object, tf.FillAttrs>(tf.Fill, (stock) => (call) => {
  const { value, dtype } = call.attrs;
  return typeof value === 'string' || dtype === 'string'
    ? runOnCpu(tf.Fill, call.backend, {}, call.attrs as unknown as tf.NamedAttrMap)
    : stock(call);
});

/** Kernels that copy or create elements, for every dtype and shape. */
export const elementMoves: readonly TrainingKernel[] = [
  fill,
  gather,
  keepDtype(tf.DepthToSpace),
  keepDtype(tf.StridedSlice),
  oneHot,
];
