import CRC32C from 'crc-32/crc32c.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadNativeCrc32c } from './native-crc32c';

const native = loadNativeCrc32c();

describe('loadNativeCrc32c', () => {
  it('gives nothing where the package is missing, broken or wrong', () => {
    const missing = () => {
      throw new Error('Cannot find native binding');
    };
    expect(loadNativeCrc32c(missing)).toBeUndefined();
    expect(loadNativeCrc32c(() => ({ crc32c: () => 0 }))).toBeUndefined();
    // One that forgets the sum before it.
    const forgetful = { crc32c: (bytes: Uint8Array) => CRC32C.buf(bytes, 0) >>> 0 };
    expect(loadNativeCrc32c(() => forgetful)).toBeUndefined();
  });

  it.skipIf(native === undefined)('agrees with the portable sum at any offset and length', () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, at) => (at * 7919) >>> 3);
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(0xffffffff), (from, to, previous) => {
        const part = bytes.subarray(from, to);
        expect(native?.(part, previous)).toBe(CRC32C.buf(part, previous) >>> 0);
      }),
    );
  });
});
