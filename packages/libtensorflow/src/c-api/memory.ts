import koffi, { type KoffiFunc } from 'koffi';
import type { Memory, Pointer } from './library';

/** Functions of the C library that TensorFlow's own API has no counterpart for. */
export interface MemoryFunctions {
  /** Copies bytes, many times faster for a few of them than through an ArrayBuffer over the memory. */
  readonly copy: (to: Memory, from: Memory, bytes: number) => void;
  /** Writes a byte over and over. */
  readonly fill: (to: Memory, byte: number, bytes: number) => void;
  readonly allocate: (alignment: number, bytes: number) => Pointer;
  /** The C function that frees what `allocate` gave; as a callback it takes that pointer first. */
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

/** The process's own C library. */
export const memory = (): MemoryFunctions => {
  opened ??= open();
  return opened;
};
