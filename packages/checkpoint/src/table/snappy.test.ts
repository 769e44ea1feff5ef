import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Malformed } from '../bytes';
import { uncompressSnappy } from './snappy';

describe('uncompressSnappy', () => {
  it('decodes literals and copies, also overlapping ones', () => {
    // "abab…": a literal of two bytes, then ten more at offset 2 by a one-byte-offset copy of 10.
    const run = Uint8Array.of(12, 1 << 2, 0x61, 0x62, ((10 - 4) << 2) | 1, 2);
    expect(Buffer.from(uncompressSnappy(run)).toString()).toBe('abababababab');
    // The same with two-byte and four-byte offsets.
    expect(
      uncompressSnappy(Uint8Array.of(12, 1 << 2, 0x61, 0x62, (9 << 2) | 2, 2, 0)),
    ).toHaveLength(12);
    expect(
      uncompressSnappy(Uint8Array.of(12, 1 << 2, 0x61, 0x62, (9 << 2) | 3, 2, 0, 0, 0)),
    ).toHaveLength(12);
  });

  it('decodes long literals', () => {
    const text = new Uint8Array(300).map((_, at) => at);
    const block = Uint8Array.of(0xac, 0x02, 61 << 2, 299 & 0xff, 299 >> 8, ...text);
    expect(uncompressSnappy(block)).toEqual(text);
  });

  it('rejects a length that the block cannot fill, before it allocates memory', () => {
    expect(() => uncompressSnappy(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0))).toThrow(
      Malformed,
    );
  });

  it('returns bytes or throws Malformed for any input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          return uncompressSnappy(bytes) instanceof Uint8Array;
        } catch (error) {
          return error instanceof Malformed;
        }
      }),
      { numRuns: 5000 },
    );
  });
});
