import { sizeOf } from '@elistimator/internal';
import { assertReturned, int64s, memory, type Pointer, type Runtime } from '../c-api';
import { TensorArgumentError } from '../errors';
import { allocateStringTensor, allocateTensor, readStrings } from '../tensor/tensor-memory';
import { assertShape } from '../tensor/values';
import { dataTypes, type TensorBytes, type TensorMetadata } from './binding-types';

/** The eager tensors of a binding, which tfjs refers to by number. */
export class TensorHandles {
  readonly #runtime: Runtime;
  readonly #handles = new Map<number, Pointer>();
  readonly #dims = new BigInt64Array(16);
  #next = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get size(): number {
    return this.#handles.size;
  }

  /** @throws RangeError for a number that was never given out, or whose tensor was deleted */
  get(id: number): Pointer {
    const handle = this.#handles.get(id);
    if (handle === undefined) {
      throw new RangeError(
        `Tensor ID not referenced (tensor_id: ${id}). It was deleted or never created.`,
      );
    }
    return handle;
  }

  /** Takes ownership of a `TFE_TensorHandle`. */
  add(handle: Pointer): number {
    const id = this.#next++;
    this.#handles.set(id, handle);
    this.#runtime.handles.count('TensorHandle', 1);
    return id;
  }

  delete(id: number): void {
    const handle = this.get(id);
    this.#handles.delete(id);
    this.#runtime.handles.count('TensorHandle', -1);
    this.#runtime.c.TFE_DeleteTensorHandle(handle);
  }

  clear(): void {
    for (const id of [...this.#handles.keys()]) this.delete(id);
  }

  /** The `TF_DataType` of a tensor. */
  dtype(id: number): number {
    return this.#runtime.c.TFE_TensorHandleDataType(this.get(id));
  }

  shape(id: number): number[] {
    const { c, status } = this.#runtime;
    const handle = this.get(id);
    const rank = c.TFE_TensorHandleNumDims(handle, status.pointer);
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) {
      shape.push(c.TFE_TensorHandleDim(handle, axis, status.pointer));
    }
    return shape;
  }

  /** Takes ownership of a handle and returns its metadata for tfjs. */
  describe(handle: Pointer): TensorMetadata {
    const id = this.add(handle);
    return { id, shape: this.shape(id), dtype: this.dtype(id) };
  }

  /** Creates a handle to values in host memory. */
  create(shape: readonly number[], dtype: number, values: unknown): Pointer {
    const { c, status } = this.#runtime;
    assertShape(shape);
    const tensor = ArrayBuffer.isView(values)
      ? this.#allocate(shape, dtype, values)
      : allocateStringTensor(this.#runtime, shape, assertByteStrings(shape, values));
    try {
      const handle = c.TFE_NewTensorHandle(tensor, status.pointer);
      status.check('createTensor');
      return assertReturned(handle, 'createTensor', 'handle');
    } finally {
      c.TF_DeleteTensor(tensor);
    }
  }

  #allocate(shape: readonly number[], dtype: number, values: ArrayBufferView): Pointer {
    const bytes = sizeOf(shape) * elementSize(dtype, values);
    if (bytes !== values.byteLength) {
      throw new TensorArgumentError({
        subject: `createTensor with shape [${shape.join(', ')}]`,
        expected: `${bytes} bytes`,
        actual: `${values.byteLength}: Shape does not match typed-array`,
        fix: 'Pass as many values as the shape has elements.',
      });
    }
    const dims = int64s(shape, shape.length <= this.#dims.length ? this.#dims : undefined);
    const stored = dtype === dataTypes.TF_BOOL ? zerosAndOnes(values) : values;
    return allocateTensor(this.#runtime, dtype, shape, dims, bytes, stored);
  }

  /** Copies a tensor's values, after waiting for the device to compute them. */
  read(id: number): TensorBytes {
    const { c, status } = this.#runtime;
    const handle = this.get(id);
    const dtype = c.TFE_TensorHandleDataType(handle);
    const pointer = c.TFE_TensorHandleResolve(handle, status.pointer);
    status.check('tensorDataSync');
    const tensor = assertReturned(pointer, 'tensorDataSync', 'tensor');
    try {
      const data = c.TF_TensorData(tensor);
      const bytes = c.TF_TensorByteSize(tensor);
      if (dtype === dataTypes.TF_STRING) {
        return data === null ? [] : readStrings(data, sizeOf(this.shape(id)));
      }
      const values = createArray(dtype, bytes);
      if (data !== null && bytes > 0) memory().copy(values, data, bytes);
      // tfjs has no uint8, the dtype of images, and reads it as int32.
      return dtype === dataTypes.TF_UINT8 ? Int32Array.from(values as Uint8Array) : values;
    } finally {
      c.TF_DeleteTensor(tensor);
    }
  }
}

/**
 * Bytes per element. tfjs-node passes 64-bit integers as pairs of 32-bit ones.
 *
 * @throws TensorArgumentError if the array doesn't match the dtype
 */
const elementSize = (dtype: number, values: ArrayBufferView): number => {
  const { TF_FLOAT, TF_INT32, TF_INT64, TF_BOOL, TF_UINT8, TF_COMPLEX64 } = dataTypes;
  if (values instanceof Float32Array && dtype === TF_FLOAT) return 4;
  // Pairs of a real and an imaginary part.
  if (values instanceof Float32Array && dtype === TF_COMPLEX64) return 8;
  if (values instanceof Int32Array && dtype === TF_INT32) return 4;
  if (values instanceof Int32Array && dtype === TF_INT64) return 8;
  if (values instanceof Uint8Array && (dtype === TF_BOOL || dtype === TF_UINT8)) return 1;
  throw new TensorArgumentError({
    subject: 'createTensor',
    expected: `values of TF_DataType ${dtype}`,
    actual: `Tensor type does not match ${values.constructor.name}`,
    fix: 'Pass a Float32Array for float and complex64, an Int32Array for int32, or a Uint8Array for bool.',
  });
};

/** TensorFlow's kernels rely on 0 and 1: to `LogicalNot`, the opposite of 2 is 3. */
const zerosAndOnes = (values: ArrayBufferView): ArrayBufferView => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let index = 0; index < bytes.length; index++) {
    if ((bytes[index] ?? 0) > 1) return bytes.map((byte) => (byte === 0 ? 0 : 1));
  }
  return values;
};

const assertByteStrings = (shape: readonly number[], values: unknown): readonly Uint8Array[] => {
  const count = sizeOf(shape);
  const areValid =
    Array.isArray(values) &&
    values.length === count &&
    values.every((value) => value instanceof Uint8Array);
  if (areValid) return values;
  throw new TensorArgumentError({
    subject: `createTensor of strings with shape [${shape.join(', ')}]`,
    expected: `a list of ${count} Uint8Arrays`,
    actual: Array.isArray(values) ? `a list of ${values.length} values` : typeof values,
    fix: 'Encode each string as bytes.',
  });
};

const createArray = (dtype: number, bytes: number): Exclude<TensorBytes, readonly Uint8Array[]> => {
  switch (dtype) {
    case dataTypes.TF_FLOAT:
    case dataTypes.TF_COMPLEX64:
      return new Float32Array(bytes / 4);
    case dataTypes.TF_INT32:
      return new Int32Array(bytes / 4);
    case dataTypes.TF_INT64:
      return new BigInt64Array(bytes / 8);
    case dataTypes.TF_BOOL:
    case dataTypes.TF_UINT8:
    case dataTypes.TF_RESOURCE:
      return new Uint8Array(bytes);
    default:
      throw new TensorArgumentError({
        subject: 'tensorDataSync',
        expected: 'a dtype that TensorFlow.js supports',
        actual: `Unhandled TF_DataType: ${dtype}`,
        fix: 'Cast the tensor to float32, int32 or bool.',
      });
  }
};
