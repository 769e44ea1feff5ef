import type { Summary_Value } from '@elistimator/protos';
import { SummaryValueError } from '../errors';
import { encodedImages } from './encoded-images';
import { type ImageSize, readImageSize } from './image-size';
import type { SummaryOptions } from './metadata';

/** How a figure is shown. */
export interface FigureOptions extends SummaryOptions {
  /** Draws an SVG as PNG. Needed for SVG only, which TensorBoard does not show. */
  readonly rasterize?: ((svg: string) => Uint8Array) | undefined;
}

const BYTE_ORDER_MARK = 0xfeff;

/** The text of an SVG, or undefined when it is something else. */
const svgText = (figure: string | Uint8Array): string | undefined => {
  const head = typeof figure === 'string' ? figure.slice(0, 512) : figure.subarray(0, 512);
  const start = typeof head === 'string' ? head : new TextDecoder().decode(head);
  const text = start.charCodeAt(0) === BYTE_ORDER_MARK ? start.slice(1) : start;
  if (!/^\s*<(\?xml|!--|!DOCTYPE svg|svg)/i.test(text)) return undefined;
  return typeof figure === 'string' ? figure : new TextDecoder().decode(figure);
};

const drawn = (
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
    'SVG, which TensorBoard does not show',
    'Pass rasterize: (svg) => new Resvg(svg).render().asPng() of @resvg/resvg-js or -wasm, or save the plot as PNG.',
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
  const fix = 'Save the plot as PNG and pass the bytes of the whole file.';
  throw new SummaryValueError(tag, 'a figure as PNG, JPEG, GIF or BMP', actual, fix);
};

/**
 * A plot that was drawn elsewhere, for the images tab. Its bytes are kept as they are.
 *
 * @param figure the bytes of a PNG, JPEG, GIF or BMP file; or an SVG, with `rasterize`
 * @throws SummaryValueError when it is something else
 */
export const figureSummary = (
  tag: string,
  figure: string | Uint8Array,
  options: FigureOptions,
): Summary_Value => {
  const { bytes, size } = readFigure(tag, drawn(tag, figure, options));
  return encodedImages(tag, [bytes], size, options);
};
