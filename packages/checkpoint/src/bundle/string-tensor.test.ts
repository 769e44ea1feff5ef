import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Malformed } from '../bytes';
import { decodeStrings, encodeStrings } from './string-tensor';

const encodeAll = (strings: readonly Uint8Array[]) => {
  const { head, size, checksum } = encodeStrings(strings);
  return { bytes: Buffer.concat([head, ...strings]), size, checksum };
};

describe('string tensors', () => {
  it('are encoded with the same bytes as in TensorFlow', () => {
    const { bytes, size, checksum } = encodeAll(
      ['a', '', 'héllo'].map((text) => Buffer.from(text)),
    );
    expect(bytes.toString('hex')).toBe(`01000680a7c28861${Buffer.from('héllo').toString('hex')}`);
    expect(size).toBe(14);
    expect(checksum).toBe(0x4846b5da);
  });

  it('without elements have the four bytes of a checksum, or none', () => {
    const { bytes, checksum } = encodeAll([]);
    expect(bytes.toString('hex')).toBe('d8ea82a2');
    expect(decodeStrings(bytes, 0, checksum)).toEqual([]);
    expect(decodeStrings(new Uint8Array(), 0, 0)).toEqual([]);
  });

  it('round-trip', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (strings) => {
        const { bytes, checksum } = encodeAll(strings);
        expect(decodeStrings(bytes, strings.length, checksum)).toEqual(
          strings.map((one) => new Uint8Array(one)),
        );
      }),
    );
  });

  it('are rejected before memory is allocated if there are fewer bytes than strings', () => {
    expect(() => decodeStrings(new Uint8Array(100), 2 ** 40, 0)).toThrow(Malformed);
  });
});
