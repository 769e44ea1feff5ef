import koffi from 'koffi';
import { memory, type Pointer } from '../c-api';

/** A zero-terminated string in native memory. */
export interface NativeString {
  readonly address: Pointer;
  /** Bytes before the zero. */
  readonly length: number;
}

const write = (text: string): NativeString => {
  const bytes = Buffer.from(`${text}\0`);
  const address: Pointer = koffi.alloc('uint8_t', bytes.length);
  memory().copy(address, bytes, bytes.length);
  return { address, length: bytes.length - 1 };
};

const maxCachedValues = 4096;
const cache = new Map<string, NativeString>();

const writeCached = (text: string): NativeString => {
  const written = write(text);
  cache.set(text, written);
  return written;
};

/**
 * The values of string attributes, written once because they recur in every step. They are never freed.
 *
 * @returns undefined for a new text if the cache is full
 */
export const cString = (text: string): NativeString | undefined =>
  cache.get(text) ?? (cache.size < maxCachedValues ? writeCached(text) : undefined);

/**
 * The names of operations and attributes. They are cached without a limit, since there are only as many as
 * TensorFlow has, and never freed, since TensorFlow may keep a pointer to them.
 */
export const cName = (text: string): Pointer => (cache.get(text) ?? writeCached(text)).address;
