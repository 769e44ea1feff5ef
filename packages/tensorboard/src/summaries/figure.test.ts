import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { describe, expect, it } from 'vitest';
import { SummaryValueError } from '../errors';
import { figureSummary } from './figure';
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
  it('keeps the bytes of an image file', () => {
    const png = encodePng(new Uint8Array(6), 2, 1, 3);
    const strings = textsOf(png);
    expect(sizeOf(strings)).toEqual(['2', '1']);
    expect(strings[2]).toEqual(png);
  });

  it('has an SVG drawn, as by resvg', async () => {
    const require = createRequire(import.meta.url);
    await initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
    const rasterize = (text: string) => new Resvg(text).render().asPng();
    for (const figure of [svg, Buffer.from(`\ufeff<?xml version="1.0"?>\n${svg}`)]) {
      expect(sizeOf(textsOf(figure, rasterize))).toEqual(['30', '20']);
    }
  });

  it.each([
    ['an SVG', svg, 'SVG, which TensorBoard does not show'],
    ['the bytes of one', Buffer.from(`  ${svg}`), 'Pass rasterize'],
    ['another text', 'plot.png', 'got a string'],
    ['a WebP', Buffer.from('RIFF....WEBPVP8 '), 'bytes of another format'],
  ])('says what to do with %s', (_what, figure, message) => {
    expect(() => textsOf(figure)).toThrow(SummaryValueError);
    expect(() => textsOf(figure)).toThrow('"plot": expected a figure as PNG, JPEG, GIF or BMP');
    expect(() => textsOf(figure)).toThrow(message);
  });
});
