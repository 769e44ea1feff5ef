import { constants } from 'node:buffer';
import koffi from 'koffi';
import { memory, type Pointer } from './c-api';
import {
  type DType,
  dtypeNumber,
  dtypeOf,
  type FixedData,
  type FixedDType,
  fixedLayouts,
  isFixed,
  type TensorData,
} from './dtypes';
import { TensorArgumentError, TensorflowError } from './errors';
import type { Handle } from './handles/handle';
import { int64s } from './int64s';
import type { Runtime } from './runtime';
import { allocateStrings, readStrings, stringSize } from './tensor-strings';
import {
  checkDType,
  checkShape,
  elementCount,
  type TensorValues,
  toStrings,
  toTypedArray,
} from './tensor-values';

/**
 * The address of a new `TF_Tensor` of elements of one size.
 *
 * @param values as many bytes as the elements take; zeros when left out
 * @throws TensorflowError when there is not enough memory.
 */
export const allocateTensor = (
  { c }: Runtime,
  dtype: number,
  shape: readonly number[],
  dims: BigInt64Array,
  bytes: number,
  values: ArrayBufferView | undefined,
): Pointer => {
  const tensor = c.TF_AllocateTensor(dtype, dims, shape.length, bytes);
  if (bytes === 0) return tensor;
  const data = c.TF_TensorData(tensor);
  if (data === null) {
    // It is a tensor all the same, and what computes on it would stop the process.
    c.TF_DeleteTensor(tensor);
    const subject = `Tensor of shape [${shape.join(', ')}]`;
    throw new TensorflowError(subject, 8, `There is no memory for its ${bytes} bytes.`);
  }
  // Fresh memory holds whatever was there; a view on it must not show that.
  if (values === undefined) memory().fill(data, 0, bytes);
  else memory().copy(data, values, bytes);
  return tensor;
};

/** The address of a new `TF_Tensor` of byte strings. TensorFlow frees them with the last reference. */
export const allocateStringTensor = (
  { c }: Runtime,
  shape: readonly number[],
  strings: readonly Uint8Array[],
): Pointer =>
  c.TF_NewTensor(
    dtypeNumber('string'),
    int64s(shape),
    shape.length,
    allocateStrings(strings),
    strings.length * stringSize,
    memory().free,
    null,
  );

/** A tensor in TensorFlow's own memory. `close()` it, or declare it with `using`. */
export class Tensor<D extends DType = DType> {
  readonly dtype: D;
  /** The length along each axis; empty for a scalar. */
  readonly shape: readonly number[];
  readonly #runtime: Runtime;
  readonly #handle: Handle;

  private constructor(runtime: Runtime, dtype: D, shape: readonly number[], pointer: Pointer) {
    this.#runtime = runtime;
    this.dtype = dtype;
    this.shape = shape;
    this.#handle = runtime.handles.own('Tensor', this, pointer, runtime.c.TF_DeleteTensor);
  }

  /**
   * A new tensor. `libtensorflow.tensor()` is the way to it from outside.
   *
   * @throws TensorArgumentError when the shape is not one, or the values don't fit it or the dtype.
   * @throws TensorflowError when there is not enough memory.
   */
  static from<D extends keyof TensorData>(
    runtime: Runtime,
    dtype: D,
    shape: readonly number[],
    values?: TensorValues<D>,
  ): Tensor<D> {
    checkDType(dtype);
    checkShape(shape);
    const pointer = isFixed(dtype)
      ? allocateTensor(
          runtime,
          dtypeNumber(dtype),
          shape,
          int64s(shape),
          elementCount(shape) * fixedLayouts[dtype].size,
          values === undefined
            ? undefined
            : toTypedArray(dtype, shape, values as TensorValues<FixedDType>),
        )
      : allocateStringTensor(runtime, shape, toStrings(shape, values as TensorValues<'string'>));
    return new Tensor(runtime, dtype, [...shape], pointer);
  }

  /** Takes over a `TF_Tensor` that TensorFlow gave away. */
  static adopt(runtime: Runtime, pointer: Pointer): Tensor {
    const { c } = runtime;
    const dtype = dtypeOf(c.TF_TensorType(pointer));
    if (dtype === undefined) {
      const number = c.TF_TensorType(pointer);
      c.TF_DeleteTensor(pointer);
      throw new TensorArgumentError({
        subject: 'Tensor from TensorFlow',
        expected: 'a dtype of TensorFlow 2',
        actual: `number ${number}`,
        fix: 'Cast it in the graph to a dtype that this package lists.',
      });
    }
    const rank = c.TF_NumDims(pointer);
    const shape = Array.from({ length: rank }, (_, axis) => c.TF_Dim(pointer, axis));
    return new Tensor(runtime, dtype, shape, pointer);
  }

  /** Number of elements. */
  get size(): number {
    return elementCount(this.shape);
  }

  /** For this package's calls: its address, and the counting of its uses. */
  get handle(): Handle {
    return this.#handle;
  }

  get closed(): boolean {
    return this.#handle.closed;
  }

  /**
   * A copy of the values, row-major: the dtype's typed array, or a Uint8Array for each string.
   *
   * @throws TensorArgumentError for a resource or variant, which hold no values, and for more bytes than an
   *   array of this Node takes.
   * @throws ClosedHandleError after `close()`.
   */
  data(): D extends keyof TensorData ? TensorData[D] : TensorData[keyof TensorData];
  data(): TensorData[keyof TensorData] {
    const address = this.#runtime.c.TF_TensorData(this.#handle.pointer);
    const { dtype, size } = this;
    if (dtype === 'string') return address === null ? [] : readStrings(address, size);
    const { array, lanes, size: width } = fixedLayouts[this.#fixed('data()')];
    this.#assertOneArray('data()', size * width);
    const copy = new array(size * lanes);
    if (address !== null && copy.length > 0) memory().copy(copy, address, copy.byteLength);
    return copy;
  }

  /**
   * The values where they lie, without a copy: writing changes the tensor. The memory lives until both
   * the tensor is closed and nothing refers to the array any more.
   *
   * @throws TensorArgumentError for strings, resources and variants, and for more bytes than an array of
   *   this Node takes.
   * @throws ClosedHandleError after `close()`.
   */
  view(): D extends FixedDType ? TensorData[D] : FixedData;
  view(): FixedData {
    const { array, lanes, size } = fixedLayouts[this.#fixed('view()')];
    const address = this.#runtime.c.TF_TensorData(this.#handle.pointer);
    if (address === null || this.size === 0) return new array(0);
    this.#assertOneArray('view()', this.size * size);
    const buffer = koffi.view(address, this.size * size);
    this.#handle.borrow();
    collected.register(buffer, this.#handle);
    return new array(buffer, 0, this.size * lanes);
  }

  /**
   * The elements of a string tensor, decoded as UTF-8.
   *
   * @throws TensorArgumentError for another dtype.
   */
  strings(): string[] {
    if (this.dtype !== 'string') {
      throw new TensorArgumentError({
        subject: 'Tensor.strings()',
        expected: 'dtype string',
        actual: this.dtype,
        fix: 'Read it with data().',
      });
    }
    const decoder = new TextDecoder();
    return (this.data() as readonly Uint8Array[]).map((bytes) => decoder.decode(bytes));
  }

  /** Gives the memory back, once no run uses it any more. Closing again does nothing. */
  close(): void {
    this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** koffi stops the process where Node refuses an ArrayBuffer: 4 GiB on Node 20. */
  #assertOneArray(method: string, bytes: number): void {
    if (bytes <= constants.MAX_LENGTH) return;
    throw new TensorArgumentError({
      subject: `Tensor.${method}`,
      expected: `at most ${constants.MAX_LENGTH} bytes, which is what an array of this Node takes`,
      actual: `${bytes} bytes`,
      fix: 'Fetch it in slices, or take a newer Node.',
    });
  }

  #fixed(method: string): FixedDType {
    const { dtype }: { dtype: DType } = this;
    if (isFixed(dtype)) return dtype;
    throw new TensorArgumentError({
      subject: `Tensor.${method}`,
      expected: 'a dtype with elements of one size',
      actual: dtype,
      fix:
        dtype === 'string' ? 'Read it with data() or strings().' : 'Read its values in the graph.',
    });
  }
}

/** ArrayBuffers over a tensor's memory hold it: a collected one lets go. */
const collected = new FinalizationRegistry<Handle>((handle) => handle.release());
