import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../test/hex';
import { readImageSize } from './image-size';
import { encodePng } from './png';

const png = encodePng(new Uint8Array(300 * 2), 300, 2, 1);
const gif = hex('474946383961 2c01 0200 80 00 00');
const jpeg = hex('ffd8 ffe0 0010 4a46494600010100000100010000 ff ffc2 0011 08 0002 012c 03');
const bmp = hex('424d 00000000 00000000 36000000 28000000 2c010000 feffffff 0100 1800');

describe('readImageSize', () => {
  it.each([
    ['PNG', png],
    ['GIF', gif],
    ['JPEG', jpeg],
    ['BMP', bmp],
  ])('reads a %s, and takes what is cut off for none', (_format, bytes) => {
    expect(readImageSize(bytes)).toEqual({ width: 300, height: 2 });
    expect(readImageSize(bytes.subarray(0, 8))).toBeUndefined();
  });

  it('gives a size or nothing, whatever the bytes', () => {
    const starts = fc.constantFrom(png, gif, jpeg, bmp, new Uint8Array());
    fc.assert(
      fc.property(starts, fc.nat(30), fc.uint8Array({ maxLength: 60 }), (start, kept, rest) => {
        const size = readImageSize(Uint8Array.from([...start.subarray(0, kept), ...rest]));
        expect(size === undefined || (size.width > 0 && size.height > 0)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
