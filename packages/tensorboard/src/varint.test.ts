import { BinaryWriter } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { varintSize, writeVarint } from './varint';

const safeInteger = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(0, 127, 128, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);

describe('writeVarint', () => {
  it('writes what protobuf writes', () => {
    fc.assert(
      fc.property(safeInteger, (value) => {
        const bytes = new Uint8Array(12);
        const end = writeVarint(bytes, 1, value);
        expect(bytes.subarray(1, end)).toEqual(new BinaryWriter().int64(BigInt(value)).finish());
        expect(end - 1).toBe(varintSize(value));
      }),
    );
  });
});
