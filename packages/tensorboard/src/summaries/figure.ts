import type { Summary_Value } from '@elistimator/protos';
import { SummaryValueError } from '../errors';
import { encodedImagesSummary, type ImageSize } from './image';
import type { SummaryOptions } from './summary-value';

/** Options of a figure. */
export interface FigureOptions extends SummaryOptions {
  /** Converts an SVG to the content of a PNG file. Required for SVG, which TensorBoard does not support. */
  readonly rasterize?: ((svg: string) => Uint8Array) | undefined;
}

const BYTE_ORDER_MARK = 0xfeff;

/** The text of an SVG; undefined if the figure is not one. */
const svgText = (figure: string | Uint8Array): string | undefined => {
  const head = typeof figure === 'string' ? figure.slice(0, 512) : figure.subarray(0, 512);
  const start = typeof head === 'string' ? head : new TextDecoder().decode(head);
  const text = start.charCodeAt(0) === BYTE_ORDER_MARK ? start.slice(1) : start;
  if (!/^\s*<(\?xml|!--|!DOCTYPE svg|svg)/i.test(text)) return undefined;
  return typeof figure === 'string' ? figure : new TextDecoder().decode(figure);
};

const rasterizeSvg = (
  tag: string,
  figure: string | Uint8Array,
  { rasterize }: FigureOptions,
): string | Uint8Array => {
  const svg = svgText(figure);
  if (svg === undefined) return figure;
  if (rasterize) return rasterize(svg);
  throw new SummaryValueError(
    tag,
    'a figure as PNG, JPEG, GIF or BMP',
    'an SVG, which TensorBoard does not support',
    'Pass the option "rasterize", such as (svg) => new Resvg(svg).render().asPng() with @resvg/resvg-js, or save the plot as PNG.',
  );
};

const readFigure = (
  tag: string,
  figure: string | Uint8Array,
): { readonly bytes: Uint8Array; readonly size: ImageSize } => {
  const size = typeof figure === 'string' ? undefined : readImageSize(figure);
  if (typeof figure !== 'string' && size) return { bytes: figure, size };
  const actual =
    typeof figure === 'string' ? 'a string' : `${figure.length} bytes of another format`;
  const fix = 'Save the plot as PNG and pass the complete content of the file.';
  throw new SummaryValueError(tag, 'a figure as PNG, JPEG, GIF or BMP', actual, fix);
};

/**
 * An encoded image, such as a plot, for the images tab. Its bytes are stored unchanged.
 *
 * @param figure content of a PNG, JPEG, GIF or BMP file, or an SVG together with `rasterize`
 * @throws SummaryValueError if it has another format
 */
export const figureSummary = (
  tag: string,
  figure: string | Uint8Array,
  options: FigureOptions,
): Summary_Value => {
  const { bytes, size } = readFigure(tag, rasterizeSvg(tag, figure, options));
  return encodedImagesSummary(tag, [bytes], size, options);
};

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

/** The first chunk of a PNG is always `IHDR`. */
const pngSize = (view: DataView): ImageSize => ({
  width: view.getUint32(16),
  height: view.getUint32(20),
});

const gifSize = (view: DataView): ImageSize => ({
  width: view.getUint16(6, true),
  height: view.getUint16(8, true),
});

const bmpSize = (view: DataView): ImageSize => ({
  width: view.getInt32(18, true),
  // Negative if rows are stored from top to bottom.
  height: Math.abs(view.getInt32(22, true)),
});

/** Markers 0xc0 to 0xcf start a frame, except 0xc4, 0xc8 and 0xcc. */
const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** The size of a JPEG is in its first start-of-frame segment. */
const jpegSize = (view: DataView): ImageSize => {
  for (let at = 2; ; ) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (isStartOfFrame(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else at += 2 + view.getUint16(at + 2);
  }
};

const FORMATS = [
  { magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], readSize: pngSize },
  { magic: [0xff, 0xd8, 0xff], readSize: jpegSize },
  { magic: [0x47, 0x49, 0x46, 0x38], readSize: gifSize },
  { magic: [0x42, 0x4d], readSize: bmpSize },
] as const;

/**
 * Reads the size of an encoded image from its header.
 *
 * @returns undefined if it is not a PNG, JPEG, GIF or BMP, or ends before the size
 */
export const readImageSize = (bytes: Uint8Array): ImageSize | undefined => {
  const format = FORMATS.find(({ magic }) => startsWith(bytes, magic));
  if (!format) return undefined;
  try {
    const size = format.readSize(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return size.width > 0 && size.height > 0 ? size : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};
