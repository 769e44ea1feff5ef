import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, maskCrc32c, maskedCrc32c } from './masked-crc32c';

const ascii = (text: string) => new TextEncoder().encode(text);

describe('crc32c', () => {
  it('agrees with the check value of the Castagnoli polynomial and RFC 3720', () => {
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });

  it('sums long data, data in shared memory and data off any alignment alike', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(100_003), 3).fill(7);
    const own = new Uint8Array(new ArrayBuffer(100_003), 3).fill(7);
    expect(crc32c(shared)).toBe(crc32c(own));
    const pieces = Array.from({ length: 1000 }, (_, at) => own.subarray(at * 100, at * 100 + 100));
    expect(crc32c(own)).toBe(pieces.reduce((sum, piece) => crc32c(piece, sum), 0));
  });

  it('sums a stream in parts as it sums the whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, at) => {
        const head = crc32c(bytes.subarray(0, at));
        return crc32c(bytes.subarray(at), head) === crc32c(bytes);
      }),
    );
  });
});

describe('maskedCrc32c', () => {
  it('agrees with sums that TensorFlow stored', () => {
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
