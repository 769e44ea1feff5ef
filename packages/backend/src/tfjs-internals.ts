import { ExplainedError, ExplainedTypeError } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

// Every use of undocumented parts of tfjs, tfjs-backend-wasm and tfjs-node is in this file. All of
// them were written for version 4.22.

/** Wraps the result of a kernel function in a tensor that belongs to the current tidy. */
export const asTensor = <T extends tf.Tensor>(info: tf.TensorInfo): T =>
  tf.engine().makeTensorFromTensorInfo(info) as T;

/**
 * Runs a kernel of the current backend by name, without the argument checks of the corresponding
 * op.
 */
export const runKernel = <T extends tf.Tensor>(
  name: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: object,
): T => tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as T;

const wasmMethods = [
  'disposeData',
  'getMemoryOffset',
  'incRef',
  'makeOutput',
  'typedArrayFromHeap',
] as const satisfies readonly (keyof BackendWasm)[];

/**
 * Checks that the installed tfjs-backend-wasm has the methods that the training kernels call.
 *
 * @param prototype `BackendWasm.prototype`
 * @throws Error that names the missing methods.
 */
export const assertWasmInternals = (prototype: object, version: string): void => {
  const missing = wasmMethods.filter((name) => typeof Reflect.get(prototype, name) !== 'function');
  if (missing.length === 0) return;
  throw new ExplainedError({
    subject: 'registerWasmTrainingKernels()',
    expected: '@tensorflow/tfjs-backend-wasm 4.22 or compatible',
    actual: `${version}, which lacks the methods ${missing.join(', ')} of BackendWasm`,
    fix: 'Install @tensorflow/tfjs-backend-wasm@4.22.',
  });
};

/**
 * Returns a view of a float32 tensor's elements in wasm memory. When the memory grows, all such
 * views become detached, so allocate every output before the first call.
 */
export const elements = (backend: BackendWasm, tensor: tf.TensorInfo): Float32Array => {
  const values = backend.typedArrayFromHeap(tensor);
  if (values instanceof Float32Array) return values;
  throw new ExplainedTypeError({
    subject: `tensor of shape [${tensor.shape}]`,
    expected: 'dtype float32',
    actual: tensor.dtype,
    fix: 'Cast it first.',
  });
};

/** Returns a view of an int32 tensor's elements in wasm memory. See {@link elements}. */
export const integerElements = (backend: BackendWasm, tensor: tf.TensorInfo): Int32Array => {
  const values = backend.typedArrayFromHeap(tensor);
  if (values instanceof Int32Array) return values;
  throw new ExplainedTypeError({
    subject: `tensor of shape [${tensor.shape}]`,
    expected: 'dtype int32',
    actual: tensor.dtype,
    fix: 'Cast it first.',
  });
};

/** Returns a second reference to a tensor's data, without a copy. */
export const share = (
  backend: BackendWasm,
  { dataId, shape, dtype }: tf.TensorInfo,
): tf.TensorInfo => {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
};

/** Allocates a float32 tensor that belongs to the current tidy, with arbitrary elements. */
export const uninitialized = (backend: BackendWasm, shape: number[]): tf.Tensor =>
  asTensor(backend.makeOutput(shape, 'float32'));

/**
 * Runs a function on a tensor that shares part of another tensor's memory. Nothing is copied or
 * freed.
 *
 * @param start index, in `tensor`, of the view's first element
 */
export const withView = <T>(
  backend: BackendWasm,
  tensor: tf.TensorInfo,
  start: number,
  shape: number[],
  run: (view: tf.TensorInfo) => T,
): T => {
  const offset = backend.getMemoryOffset(tensor.dataId) + start * Float32Array.BYTES_PER_ELEMENT;
  const view = backend.makeOutput(shape, 'float32', offset);
  try {
    return run(view);
  } finally {
    // BackendWasm.disposeData() would free the memory, which belongs to `tensor`.
    backend.wasm.tfjs.disposeData(backend.dataIdMap.get(view.dataId).id);
    backend.dataIdMap.delete(view.dataId);
  }
};

interface NodeBackend extends tf.KernelBackend {
  readonly isGPUPackage: boolean;
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

const isNodeBackend = (backend: tf.KernelBackend): backend is NodeBackend =>
  'isGPUPackage' in backend && 'isUsingGpuDevice' in backend && 'binding' in backend;

/**
 * Describes the current backend, which has to be the one of tfjs-node.
 *
 * @throws Error if this version of tfjs-node doesn't provide the information.
 */
export const describeNodeBackend = (): {
  readonly isGpuPackage: boolean;
  readonly version: string;
  readonly gpu: boolean;
} => {
  const backend = tf.backend();
  if (!isNodeBackend(backend)) {
    throw new Error('its backend is unknown to this package, which expects tfjs-node 4.22');
  }
  const { isGPUPackage, isUsingGpuDevice, binding } = backend;
  return { isGpuPackage: isGPUPackage, version: binding.TF_Version, gpu: isUsingGpuDevice };
};
