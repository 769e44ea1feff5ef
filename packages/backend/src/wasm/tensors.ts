import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** The four dimensions of an image batch or of a convolution's filter. */
export type Shape4D = [number, number, number, number];

/** Makes a tensor, owned by the current tidy, of what a kernel gave. */
export const asTensor = <T extends tf.Tensor>(info: tf.TensorInfo): T =>
  tf.engine().makeTensorFromTensorInfo(info) as T;

/** Runs a kernel of the current backend by its name, past the checks of tfjs's op of that name. */
export const runKernel = <T extends tf.Tensor>(
  name: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: object,
): T => tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as T;

/**
 * A float32 tensor's elements where they lie in wasm memory. Memory that grows leaves every such
 * array detached, so make all outputs before taking the first.
 */
export const elements = (backend: BackendWasm, tensor: tf.TensorInfo): Float32Array => {
  const values = backend.typedArrayFromHeap(tensor);
  if (values instanceof Float32Array) return values;
  throw new TypeError(
    `tensor of shape [${tensor.shape}]: expected dtype float32, got ${tensor.dtype}. Cast it first.`,
  );
};

/** Another name for the same elements: what Identity gives, without a copy. */
export const share = (
  backend: BackendWasm,
  { dataId, shape, dtype }: tf.TensorInfo,
): tf.TensorInfo => {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
};

/** A new float32 tensor, owned by the current tidy, whose elements are whatever its memory held. */
export const uninitialized = (backend: BackendWasm, shape: number[]): tf.Tensor =>
  asTensor(backend.makeOutput(shape, 'float32'));

/**
 * Runs a function on a tensor that lies inside another's memory: no copy is made, and none is freed.
 *
 * @param start index, in the whole tensor, of the view's first element
 */
export const withView = <T>(
  backend: BackendWasm,
  whole: tf.TensorInfo,
  start: number,
  shape: number[],
  run: (view: tf.TensorInfo) => T,
): T => {
  const offset = backend.getMemoryOffset(whole.dataId) + start * Float32Array.BYTES_PER_ELEMENT;
  const view = backend.makeOutput(shape, 'float32', offset);
  try {
    return run(view);
  } finally {
    // Not disposeData(), which would free memory that belongs to the whole.
    backend.wasm.tfjs.disposeData(backend.dataIdMap.get(view.dataId).id);
    backend.dataIdMap.delete(view.dataId);
  }
};
