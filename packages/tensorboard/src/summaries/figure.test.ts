import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../test/hex';
import { SummaryValueError } from '../errors';
import { figureSummary, readImageSize } from './figure';
import { encodePng } from './png';

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="9"/></svg>';
const textsOf = (figure: Uint8Array | string, rasterize?: (svg: string) => Uint8Array) => {
  const { value } = figureSummary('plot', figure, { rasterize });
  return value.case === 'tensor' ? value.value.stringVal : [];
};
const sizeOf = (strings: Uint8Array[]) =>
  strings.slice(0, 2).map((bytes) => Buffer.from(bytes).toString());

describe('figureSummary', () => {
  it('stores the bytes of an image file unchanged', () => {
    const png = encodePng(new Uint8Array(6), 2, 1, 3);
    const strings = textsOf(png);
    expect(sizeOf(strings)).toEqual(['2', '1']);
    expect(strings[2]).toEqual(png);
  });

  it('rasterizes an SVG, for example with resvg', async () => {
    const require = createRequire(import.meta.url);
    await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
    const rasterize = (text: string) => new Resvg(text).render().asPng();
    for (const figure of [svg, Buffer.from(`\ufeff<?xml version="1.0"?>\n${svg}`)]) {
      expect(sizeOf(textsOf(figure, rasterize))).toEqual(['30', '20']);
    }
  });

  it.each([
    ['an SVG', svg, 'an SVG, which TensorBoard does not support'],
    ['the bytes of an SVG', Buffer.from(`  ${svg}`), 'Pass the option "rasterize"'],
    ['another text', 'plot.png', 'got a string'],
    ['a WebP', Buffer.from('RIFF....WEBPVP8 '), 'bytes of another format'],
  ])('explains what to do with %s', (_what, figure, message) => {
    expect(() => textsOf(figure)).toThrow(SummaryValueError);
    expect(() => textsOf(figure)).toThrow('"plot": expected a figure as PNG, JPEG, GIF or BMP');
    expect(() => textsOf(figure)).toThrow(message);
  });
});

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
  ])('reads the size of a %s, unless it is truncated', (_format, bytes) => {
    expect(readImageSize(bytes)).toEqual({ width: 300, height: 2 });
    expect(readImageSize(bytes.subarray(0, 8))).toBeUndefined();
  });

  it('returns a size or undefined for any bytes', () => {
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
