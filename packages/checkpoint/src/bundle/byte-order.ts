import { endianness } from 'node:os';

/** Typed arrays have the machine's byte order; checkpoints are little-endian unless their header says else. */
export const hostIsBigEndian = endianness() === 'BE';

/** Reverses the bytes of every number, in place. @param size bytes of one number */
export const swapBytes = (bytes: Uint8Array, size: number): Uint8Array => {
  for (let at = 0; size > 1 && at < bytes.length; at += size)
    bytes.subarray(at, at + size).reverse();
  return bytes;
};
