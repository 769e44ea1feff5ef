import { SummaryValueError } from '../errors';
import { readTensor, type TensorLike } from '../tensor-like';
import { encodePng, isImageChannels, readPixels } from './png';

/** A PNG that holds a grid of small images. */
interface Sprite {
  /** As many images wide as high, so that TensorBoard finds each one by its index. */
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The size of a texture that WebGL supports on every device. */
const MAX_PIXELS = 8192;

const assertShape = (tag: string, shape: readonly number[], count: number): void => {
  const [images, height = 0, width = 0, channels = 0] = shape;
  const isBatch = shape.length === 4 && height > 0 && width > 0 && isImageChannels(channels);
  if (!isBatch || images !== count) {
    const expected = `sprites of shape [${count}, height, width, channels] with 1, 3 or 4 channels`;
    const fix = 'Pass one image for each vector; channels come last.';
    throw new SummaryValueError(tag, expected, `shape [${shape}]`, fix);
  }
  const side = Math.ceil(Math.sqrt(count));
  if (side * Math.max(height, width) > MAX_PIXELS) {
    const expected = `a grid of sprites of at most ${MAX_PIXELS}x${MAX_PIXELS} pixels`;
    const actual = `${side}x${side} sprites of ${height}x${width} pixels`;
    const fix = 'Use smaller images, or record fewer vectors.';
    throw new SummaryValueError(tag, expected, actual, fix);
  }
};

/**
 * Arranges small images, one for each of `count` vectors, in one PNG.
 *
 * @param images `[count, height, width, channels]`, with values as for the images tab
 * @throws SummaryValueError if the shape is another one, or the PNG would be too large to show
 */
export const createSprite = (tag: string, images: TensorLike, count: number): Sprite => {
  const batch = readTensor(tag, images);
  assertShape(tag, batch.shape, count);
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
