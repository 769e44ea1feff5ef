import { describe, expect, it } from 'vitest';
import { sliceKey } from './slices';

/** The bytes after the name `w` and the rank. */
const numbers = (start: number, length: number | undefined) =>
  Buffer.from(sliceKey('w', [{ start, length }]))
    .subarray(6)
    .toString('hex');

describe('sliceKey', () => {
  it('encodes the same keys as TensorFlow', () => {
    const key = sliceKey('part/w', [
      { start: 0, length: 3 },
      { start: 0, length: 2 },
    ]);
    expect(Buffer.from(key).toString('hex')).toBe(
      `00${Buffer.from('part/w').toString('hex')}0001010280838082`,
    );
    expect(numbers(0, undefined)).toBe('807f');
  });

  it('encodes numbers like TensorFlow’s ordered code', () => {
    const encoded = [0, 1, 63, 64, 300, 8191, 8192, 100_000].map((value) =>
      numbers(value, 0).slice(0, -2),
    );
    expect(encoded).toEqual(['80', '81', 'bf', 'c040', 'c12c', 'dfff', 'e02000', 'e186a0']);
  });

  it('escapes bytes that would terminate a name', () => {
    expect(Buffer.from(sliceKey('a\0b', [])).toString('hex')).toBe('006100ff62000100');
  });
});
