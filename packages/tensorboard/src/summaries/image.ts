import type { Summary_Value } from '@elistimator/protos';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { type HostTensor, readTensor, type TensorLike } from '../tensor-like';
import { encodedImages } from './encoded-images';
import type { SummaryOptions } from './metadata';
import { readPixels } from './pixels';
import { encodePng, isImageChannels } from './png';

/** How many images of a batch are recorded, and how they are shown. */
export interface ImageOptions extends SummaryOptions {
  /** The first so many; 3 by default. */
  readonly maxOutputs?: number | undefined;
}

const DEFAULT_OUTPUTS = 3;

const wrongShape = (tag: string, expected: string, shape: readonly number[]) =>
  new SummaryValueError(
    tag,
    `shape ${expected} with 1, 3 or 4 channels`,
    `shape [${shape}]`,
    'Reshape the tensor; channels come last.',
  );

/** One image as a batch of one. */
const asBatch = (tag: string, image: HostTensor): HostTensor => {
  const { shape } = image;
  if (shape.length === 3) return { ...image, shape: [1, ...shape] };
  if (shape.length === 2) return { ...image, shape: [1, ...shape, 1] };
  throw wrongShape(tag, '[height, width, channels] or [height, width]', shape);
};

const encodeImages = (tag: string, batch: HostTensor, maxOutputs: number): Uint8Array[] => {
  const [count = 0, height = 0, width = 0, channels = 0] = batch.shape;
  if (batch.shape.length !== 4 || height < 1 || width < 1 || !isImageChannels(channels)) {
    throw wrongShape(tag, '[batch, height, width, channels]', batch.shape);
  }
  const outputs = Math.min(count, maxOutputs);
  const size = height * width * channels;
  const pixels = readPixels(batch, outputs * size);
  return Array.from({ length: outputs }, (_, i) =>
    encodePng(pixels.subarray(i * size, (i + 1) * size), width, height, channels),
  );
};

/**
 * Images of a batch, for the images tab.
 *
 * @param images `[batch, height, width, channels]`: integers in 0..255 or floats in 0..1
 * @throws SummaryValueError when the shape is another one
 */
export const imagesSummary = (
  tag: string,
  images: TensorLike,
  options: ImageOptions,
): Summary_Value => {
  const maxOutputs = options.maxOutputs ?? DEFAULT_OUTPUTS;
  if (!Number.isInteger(maxOutputs) || maxOutputs < 0) {
    const fix = `Leave it out for ${DEFAULT_OUTPUTS}.`;
    throw new SummaryOptionError('maxOutputs', 'a whole number, 0 or more', maxOutputs, fix);
  }
  const batch = readTensor(tag, images);
  const encoded = encodeImages(tag, batch, maxOutputs);
  const [, height = 0, width = 0] = batch.shape;
  return encodedImages(tag, encoded, { width, height }, options);
};

/**
 * One image, for the images tab.
 *
 * @param image `[height, width, channels]`, or `[height, width]` for gray
 * @throws SummaryValueError when the shape is another one
 */
export const imageSummary = (
  tag: string,
  image: TensorLike,
  options: SummaryOptions,
): Summary_Value => imagesSummary(tag, asBatch(tag, readTensor(tag, image)), options);
