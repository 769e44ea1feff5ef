import { SummaryValueError } from '../errors';
import { readTensor, type TensorLike } from '../tensor-like';
import { readPixels } from './pixels';
import { encodePng, isImageChannels } from './png';

/** Small images side by side in one file, row by row. */
export interface Sprite {
  /** PNG, as many images wide as high, so that TensorBoard finds each by its number. */
  readonly png: Uint8Array;
  /** Pixels of one image. */
  readonly width: number;
  readonly height: number;
}

/** What WebGL takes for certain. */
const MAX_PIXELS = 8192;

const checkShape = (tag: string, shape: readonly number[], count: number): void => {
  const [images, height = 0, width = 0, channels = 0] = shape;
  const isBatch = shape.length === 4 && height > 0 && width > 0 && isImageChannels(channels);
  if (!isBatch || images !== count) {
    const expected = `sprites of shape [${count}, height, width, channels] with 1, 3 or 4 channels`;
    const fix = 'Give one image for each vector; channels come last.';
    throw new SummaryValueError(tag, expected, `shape [${shape}]`, fix);
  }
  const side = Math.ceil(Math.sqrt(count));
  if (side * Math.max(height, width) > MAX_PIXELS) {
    const actual = `${side} times ${height}x${width}`;
    const fix = 'Scale the images down, or record fewer vectors.';
    throw new SummaryValueError(tag, `sprites of ${MAX_PIXELS} pixels a side`, actual, fix);
  }
};

/**
 * Puts one small image for each of `count` vectors into one PNG.
 *
 * @param images `[count, height, width, channels]`, as the images tab takes them
 * @throws SummaryValueError when the shape is another one, or the file would be too large to show
 */
export const makeSprite = (tag: string, images: TensorLike, count: number): Sprite => {
  const batch = readTensor(tag, images);
  checkShape(tag, batch.shape, count);
  const [, height = 0, width = 0, channels = 0] = batch.shape;
  const side = Math.ceil(Math.sqrt(count));
  const pixels = readPixels(batch, batch.data.length);
  const rowBytes = width * channels;
  const grid = new Uint8Array(side * height * side * rowBytes);
  for (let image = 0; image < count; image++) {
    const left = (image % side) * rowBytes;
    const top = Math.floor(image / side) * height;
    for (let row = 0; row < height; row++) {
      const from = (image * height + row) * rowBytes;
      grid.set(pixels.subarray(from, from + rowBytes), (top + row) * side * rowBytes + left);
    }
  }
  if (!isImageChannels(channels)) throw new TypeError(`${channels} channels`);
  const png = encodePng(grid, side * width, side * height, channels);
  return { png, width, height };
};
