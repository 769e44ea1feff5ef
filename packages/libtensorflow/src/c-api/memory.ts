import koffi, { type KoffiFunc } from 'koffi';
import type { Memory, Pointer } from './library';

/** Functions of the C library that have no counterpart in TensorFlow's API. */
export interface MemoryFunctions {
  /** For small sizes, many times faster than an ArrayBuffer over the memory. */
  readonly copy: (to: Memory, from: Memory, bytes: number) => void;
  readonly fill: (to: Memory, byte: number, bytes: number) => void;
  readonly allocate: (alignment: number, bytes: number) => Pointer;
  /** The address of the C function that frees memory from `allocate`, usable as a deallocator callback. */
  readonly free: Pointer;
}

const open = (): MemoryFunctions => {
  if (process.platform === 'win32') {
    const runtime = koffi.load('ucrtbase.dll');
    const allocate = runtime.func('void *_aligned_malloc(size_t, size_t)') as KoffiFunc<
      (bytes: number, alignment: number) => Pointer
    >;
    return {
      copy: runtime.func('void *memcpy(void *, const void *, size_t)') as MemoryFunctions['copy'],
      fill: runtime.func('void *memset(void *, int, size_t)') as MemoryFunctions['fill'],
      allocate: (alignment, bytes) => allocate(bytes, alignment),
      free: koffi.address(runtime.symbol('_aligned_free')),
    };
  }
  const runtime = koffi.load(null);
  return {
    copy: runtime.func('void *memcpy(void *, const void *, size_t)') as MemoryFunctions['copy'],
    fill: runtime.func('void *memset(void *, int, size_t)') as MemoryFunctions['fill'],
    allocate: runtime.func('void *aligned_alloc(size_t, size_t)') as MemoryFunctions['allocate'],
    free: koffi.address(runtime.symbol('free')),
  };
};

let opened: MemoryFunctions | undefined;

/** The memory functions of this process's C library. */
export const memory = (): MemoryFunctions => {
  opened ??= open();
  return opened;
};

const twoTo32 = 2 ** 32;

/**
 * Writes integers as 64-bit little-endian ones without creating a BigInt for each. Exact for safe integers.
 *
 * @param target at least as long as `values`; a new array by default
 */
export const int64s = (
  values: readonly number[],
  target: BigInt64Array = new BigInt64Array(values.length),
): BigInt64Array => {
  const halves = new Int32Array(target.buffer, target.byteOffset, values.length * 2);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    halves[index * 2] = value;
    halves[index * 2 + 1] = Math.floor(value / twoTo32);
  }
  return target;
};
