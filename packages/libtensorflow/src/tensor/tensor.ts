import { constants } from 'node:buffer';
import { checkMethods, sizeOf } from '@elistimator/internal';
import {
  type DType,
  dataTypeOf,
  dtypeOf,
  type FixedData,
  type FixedDType,
  fixedLayouts,
  isFixedDType,
  type TensorData,
} from '@elistimator/protos';
import koffi from 'koffi';
import { type Handle, int64s, memory, type Pointer, type Runtime } from '../c-api';
import { TensorArgumentError } from '../errors';
import { allocateStringTensor, allocateTensor, readStrings } from './tensor-memory';
import { assertDType, assertShape, type TensorValues, toByteStrings, toTypedArray } from './values';

/** A tensor in TensorFlow's memory. Call `close()` after use, or declare it with `using`. */
export class TfTensor<D extends DType = DType> {
  readonly dtype: D;
  /** The length of each axis; empty for a scalar. */
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
   * @internal Use `libtensorflow.tensor()`.
   * @throws TensorArgumentError if the shape is invalid, or the values don't fit the shape or the dtype
   * @throws TensorflowError if there is not enough memory
   */
  static from<D extends keyof TensorData>(
    runtime: Runtime,
    dtype: D,
    shape: readonly number[],
    values?: TensorValues<D>,
  ): TfTensor<D> {
    assertDType(dtype);
    assertShape(shape);
    const pointer = isFixedDType(dtype)
      ? allocateTensor(
          runtime,
          dataTypeOf(dtype),
          shape,
          int64s(shape),
          sizeOf(shape) * fixedLayouts[dtype].size,
          values === undefined
            ? undefined
            : toTypedArray(dtype, shape, values as TensorValues<FixedDType>),
        )
      : allocateStringTensor(
          runtime,
          shape,
          toByteStrings(shape, values as TensorValues<'string'>),
        );
    return new TfTensor(runtime, dtype, [...shape], pointer);
  }

  /** @internal Takes ownership of a `TF_Tensor`. */
  static adopt(runtime: Runtime, pointer: Pointer): TfTensor {
    const { c } = runtime;
    const dataType = c.TF_TensorType(pointer);
    const dtype = dtypeOf(dataType);
    if (dtype === undefined) {
      c.TF_DeleteTensor(pointer);
      throw new TensorArgumentError({
        subject: 'Tensor from TensorFlow',
        expected: 'a dtype that this package supports',
        actual: `TF_DataType ${dataType}`,
        fix: 'Cast it in the graph to a dtype that this package supports.',
      });
    }
    const rank = c.TF_NumDims(pointer);
    const shape = Array.from({ length: rank }, (_, axis) => c.TF_Dim(pointer, axis));
    return new TfTensor(runtime, dtype, shape, pointer);
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** @internal */
  get handle(): Handle {
    return this.#handle;
  }

  get closed(): boolean {
    return this.#handle.closed;
  }

  /**
   * Copies the values, row-major: the dtype's typed array, or for strings a list of Uint8Array.
   *
   * @throws TensorArgumentError for a resource or variant, which have no readable values, and for a tensor
   *   larger than the longest array of this Node version
   * @throws ClosedHandleError after `close()`
   */
  data(): D extends keyof TensorData ? TensorData[D] : TensorData[keyof TensorData];
  data(): TensorData[keyof TensorData] {
    const address = this.#runtime.c.TF_TensorData(this.#handle.pointer);
    const { dtype, size } = this;
    if (dtype === 'string') return address === null ? [] : readStrings(address, size);
    const { array, lanes, size: elementSize } = fixedLayouts[this.#fixedDType('data()')];
    this.#assertFitsArray('data()', size * elementSize);
    const copy = new array(size * lanes);
    if (address !== null && copy.length > 0) memory().copy(copy, address, copy.byteLength);
    return copy;
  }

  /**
   * Returns an array over TensorFlow's memory, without a copy; writing to the array changes the tensor. The
   * memory is freed once the tensor is closed and the array is garbage-collected.
   *
   * @throws TensorArgumentError for a string, resource or variant, and for a tensor larger than the longest
   *   array of this Node version
   * @throws ClosedHandleError after `close()`
   */
  view(): D extends FixedDType ? TensorData[D] : FixedData;
  view(): FixedData {
    const { array, lanes, size } = fixedLayouts[this.#fixedDType('view()')];
    const address = this.#runtime.c.TF_TensorData(this.#handle.pointer);
    if (address === null || this.size === 0) return new array(0);
    this.#assertFitsArray('view()', this.size * size);
    const buffer = koffi.view(address, this.size * size);
    this.#handle.borrow();
    collectedViews.register(buffer, this.#handle);
    return new array(buffer, 0, this.size * lanes);
  }

  /**
   * Decodes the elements of a string tensor as UTF-8.
   *
   * @throws TensorArgumentError for any other dtype
   */
  strings(): string[] {
    if (this.dtype !== 'string') {
      throw new TensorArgumentError({
        subject: 'Tensor.strings()',
        expected: 'a tensor of dtype string',
        actual: this.dtype,
        fix: 'Read it with data().',
      });
    }
    const decoder = new TextDecoder();
    return (this.data() as readonly Uint8Array[]).map((bytes) => decoder.decode(bytes));
  }

  /** Frees the memory once no run uses it. Closing again does nothing. */
  close(): void {
    this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** koffi aborts the process if Node rejects an ArrayBuffer; on Node 20 the limit is 4 GiB. */
  #assertFitsArray(method: string, bytes: number): void {
    if (bytes <= constants.MAX_LENGTH) return;
    throw new TensorArgumentError({
      subject: `Tensor.${method}`,
      expected: `at most ${constants.MAX_LENGTH} bytes, the longest array of this Node version`,
      actual: `${bytes} bytes`,
      fix: 'Fetch the tensor in slices, or use a newer version of Node.',
    });
  }

  #fixedDType(method: string): FixedDType {
    const { dtype }: { dtype: DType } = this;
    if (isFixedDType(dtype)) return dtype;
    throw new TensorArgumentError({
      subject: `Tensor.${method}`,
      expected: 'a dtype whose elements have a fixed size',
      actual: dtype,
      fix:
        dtype === 'string' ? 'Read it with data() or strings().' : 'Read its values in the graph.',
    });
  }
}

/** Releases a tensor's memory once an ArrayBuffer over it is garbage-collected. */
const collectedViews = new FinalizationRegistry<Handle>((handle) => handle.release());

checkMethods(TfTensor.prototype, 'tensor.', { data: {}, view: {}, strings: {}, close: {} });
