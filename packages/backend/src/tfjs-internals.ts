import { ExplainedError, ExplainedRangeError, ExplainedTypeError } from '@elistimator/internal';
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

/** Changes the dtype of a tensor to one with as many bytes per element; its memory stays the same. */
export const relabel = (
  backend: BackendWasm,
  { dataId, shape }: tf.TensorInfo,
  dtype: 'float32' | 'int32',
): tf.TensorInfo => {
  backend.dataIdMap.get(dataId).dtype = dtype;
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

/**
 * Makes a registered backend the current one. `tf.setBackend()` answers false if it doesn't start, after
 * which `tf.getBackend()` returns its name, and tfjs falls back to another backend at the next operation.
 *
 * @throws Error if it doesn't start. The backend from before is the current one again.
 */
export const activateBackend = async (name: string): Promise<void> => {
  const previous: string | undefined = tf.getBackend();
  const restore = async (): Promise<void> => {
    // There is no public way back to the state without a backend.
    if (previous) await tf.setBackend(previous);
    else tf.engine().backendName = previous as unknown as string;
  };
  const isStarted = await tf.setBackend(name).catch(async (error: unknown) => {
    await restore();
    throw error;
  });
  if (isStarted && name in tf.engine().registry) return;
  await restore();
  throw new Error(`tfjs could not start its backend "${name}"; it has printed the reason`);
};

/** The parts of tfjs's cpu backend that run a kernel by hand. */
export interface CpuBackend extends tf.KernelBackend {
  firstUse: boolean;
  readonly data: tf.DataStorage<{
    complexTensorInfos?: { readonly real: tf.TensorInfo; readonly imag: tf.TensorInfo };
  }>;
  makeTensorInfo(
    shape: readonly number[],
    dtype: tf.DataType,
    values?: tf.backend_util.BackendValues,
  ): tf.TensorInfo;
  disposeIntermediateTensorInfo(tensor: tf.TensorInfo): void;
  readSync(dataId: object): tf.backend_util.BackendValues;
}

const isCpuBackend = (backend: tf.KernelBackend | null): backend is CpuBackend =>
  backend !== null && 'makeTensorInfo' in backend && 'disposeIntermediateTensorInfo' in backend;

/**
 * tfjs's cpu backend, which need not be the current one.
 *
 * @throws Error if it is not installed, or this version of it is incompatible.
 */
export const cpuBackend = (): CpuBackend => {
  const backend = tf.findBackend('cpu');
  if (isCpuBackend(backend)) {
    // Its first tensor would print a banner that recommends tfjs-node.
    backend.firstUse = false;
    return backend;
  }
  throw new ExplainedError({
    subject: 'an operation that the wasm backend leaves to the cpu backend',
    expected: '@tensorflow/tfjs-backend-cpu 4.22, which is a part of @tensorflow/tfjs',
    actual: backend === null ? 'no such backend' : 'an incompatible one',
    fix: "Add import '@tensorflow/tfjs'.",
  });
};

type RunKernel = (call: {
  readonly inputs: object;
  readonly attrs?: tf.NamedAttrMap | undefined;
  readonly backend: tf.KernelBackend;
}) => tf.TensorInfo | tf.TensorInfo[];

/** The stock kernels of tfjs's cpu backend, which call no other operations. */
const cpuKernels = new Map<string, RunKernel>();

/** Returns a kernel of tfjs's cpu backend. */
export const cpuKernel = (name: string): RunKernel => {
  const known = cpuKernels.get(name);
  if (known !== undefined) return known;
  const config = tf.getKernel(name, 'cpu');
  if (config === undefined) {
    throw new ExplainedError({
      subject: `operation "${name}"`,
      expected: 'a kernel of the cpu backend',
      actual: 'none',
      fix: "Add import '@tensorflow/tfjs'.",
    });
  }
  const run = config.kernelFunc as unknown as RunKernel;
  cpuKernels.set(name, run);
  return run;
};

/** Splits interleaved complex numbers into their parts. */
export const splitComplex = (
  cpu: CpuBackend,
  values: Float32Array,
  shape: readonly number[],
): { readonly real: tf.TensorInfo; readonly imag: tf.TensorInfo } => {
  const part = (offset: 0 | 1) =>
    cpu.makeTensorInfo(
      shape,
      'float32',
      Float32Array.from(
        { length: values.length / 2 },
        (_, index) => values[2 * index + offset] ?? 0,
      ),
    );
  return { real: part(0), imag: part(1) };
};

/**
 * Lets complex tensors move to tfjs's cpu backend, which stores their parts separately, but is handed
 * interleaved values. Repeated calls have no effect.
 */
export const correctCpuMove = (): void => {
  const cpu = tf.findBackend('cpu');
  if (!isCpuBackend(cpu) || Object.hasOwn(cpu, 'move')) return;
  const move = cpu.move.bind(cpu);
  cpu.move = (dataId, values, shape, dtype, refCount) => {
    move(dataId, values, shape, dtype, refCount);
    if (dtype !== 'complex64') return;
    cpu.data.get(dataId).complexTensorInfos = splitComplex(cpu, values as Float32Array, shape);
    // tfjs's leak check, which its tests enable, expects one data bucket per move.
    const { numDataMovesStack: moves } = tf.engine().state;
    if (moves.length > 0) moves[moves.length - 1] = (moves.at(-1) ?? 0) + 2;
  };
};

/** The memory of a wasm module, from Emscripten. */
interface WasmHeap {
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _free(offset: number): void;
}

/** Returns the memory of a wasm backend, in which every tensor has its address. */
export const heapOf = (backend: BackendWasm): WasmHeap => backend.wasm as unknown as WasmHeap;

/** More bytes than WebAssembly can address. */
const MAX_BYTES = 2 ** 32;

const outOfMemory = (bytes: number): Error =>
  new ExplainedRangeError({
    subject: 'a tensor on the wasm backend',
    expected: 'enough memory, of which WebAssembly has at most 4 GiB in all',
    actual: `no room for ${bytes} bytes`,
    fix: 'Use smaller batches, dispose tensors, or use a backend of TensorFlow.',
  });

let isStorageCorrected = false;

/**
 * Corrects how the wasm backend stores tensors: it continues without memory if an allocation fails, or
 * if the number of bytes has more than 32 bits, and then overwrites other tensors; and it can't read
 * complex tensors back. Repeated calls have no effect.
 */
export const correctWasmStorage = (prototype: BackendWasm): void => {
  if (isStorageCorrected) return;
  isStorageCorrected = true;
  const { move, readSync } = prototype;
  const checked = new WeakSet<WasmHeap>();
  prototype.move = function (dataId, values, shape, dtype, refCount) {
    const bytes =
      dtype === 'string' ? 0 : tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype);
    if (bytes >= MAX_BYTES) throw outOfMemory(bytes);
    const heap = heapOf(this);
    if (!checked.has(heap)) {
      const malloc = heap._malloc;
      heap._malloc = (size) => {
        const offset = malloc(size);
        if (offset === 0 && size > 0) throw outOfMemory(size);
        return offset;
      };
      checked.add(heap);
    }
    move.call(this, dataId, values, shape, dtype, refCount);
  };
  prototype.readSync = function (dataId, start, end) {
    const { memoryOffset, dtype, shape } = this.dataIdMap.get(dataId);
    if (dtype !== 'complex64') return readSync.call(this, dataId, start, end);
    const bytes = tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype);
    return new Float32Array(heapOf(this).HEAPU8.slice(memoryOffset, memoryOffset + bytes).buffer);
  };
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
