import CRC32C from 'crc-32/crc32c.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, loadNativeCrc32c, maskCrc32c, maskedCrc32c } from './crc32c';

const ascii = (text: string) => new TextEncoder().encode(text);

describe('crc32c', () => {
  it('agrees with the check value of the Castagnoli polynomial and RFC 3720', () => {
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });

  it('gives the same result for long, shared and unaligned data', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(100_003), 3).fill(7);
    const unshared = new Uint8Array(new ArrayBuffer(100_003), 3).fill(7);
    expect(crc32c(shared)).toBe(crc32c(unshared));
    const pieces = Array.from({ length: 1000 }, (_, index) =>
      unshared.subarray(index * 100, index * 100 + 100),
    );
    expect(crc32c(unshared)).toBe(pieces.reduce((sum, piece) => crc32c(piece, sum), 0));
  });

  it('gives the same result for a stream in parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, split) => {
        const head = crc32c(bytes.subarray(0, split));
        return crc32c(bytes.subarray(split), head) === crc32c(bytes);
      }),
    );
  });
});

describe('maskedCrc32c', () => {
  it('agrees with values that TensorFlow stored', () => {
    expect(maskedCrc32c(ascii('123456789'))).toBe(0xc78ab0e5);
    expect(maskedCrc32c(new Uint8Array())).toBe(0xa282ead8);
  });

  it('stays an unsigned 32-bit integer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (crc) => {
        const masked = maskCrc32c(crc);
        return Number.isInteger(masked) && masked >= 0 && masked <= 0xffffffff;
      }),
    );
  });
});

const native = loadNativeCrc32c();

describe('loadNativeCrc32c', () => {
  it('returns undefined if the package is missing, broken or wrong', () => {
    const missing = () => {
      throw new Error('Cannot find native binding');
    };
    expect(loadNativeCrc32c(missing)).toBeUndefined();
    expect(loadNativeCrc32c(() => ({ crc32c: () => 0 }))).toBeUndefined();
    const withoutPrevious = { crc32c: (bytes: Uint8Array) => CRC32C.buf(bytes, 0) >>> 0 };
    expect(loadNativeCrc32c(() => withoutPrevious)).toBeUndefined();
  });

  it.skipIf(native === undefined)(
    'agrees with the JavaScript version at any offset and length',
    () => {
      const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) >>> 3);
      fc.assert(
        fc.property(fc.nat(5000), fc.nat(5000), fc.nat(0xffffffff), (start, end, previous) => {
          const part = bytes.subarray(start, end);
          expect(native?.(part, previous)).toBe(CRC32C.buf(part, previous) >>> 0);
        }),
      );
    },
  );
});
