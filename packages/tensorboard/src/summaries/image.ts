import { DataType, type Summary_Value } from '@elistimator/protos';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { type HostTensor, readTensor, type TensorLike } from '../tensor-like';
import { encodePng, isImageChannels, readPixels } from './png';
import { type SummaryOptions, summaryMetadata, tensorShape, tensorSummary } from './summary-value';

/** Options of a summary of several images. */
export interface ImageOptions extends SummaryOptions {
  /** Maximum number of images that are recorded of a batch. Default: 3. */
  readonly maxOutputs?: number | undefined;
}

const DEFAULT_OUTPUTS = 3;

const shapeError = (tag: string, expected: string, shape: readonly number[]) =>
  new SummaryValueError(
    tag,
    `shape ${expected} with 1, 3 or 4 channels`,
    `shape [${shape}]`,
    'Reshape the tensor; channels come last.',
  );

/** Adds the batch dimension, and that of the channels to a gray image. */
const toBatch = (tag: string, image: HostTensor): HostTensor => {
  const { shape } = image;
  if (shape.length === 3) return { ...image, shape: [1, ...shape] };
  if (shape.length === 2) return { ...image, shape: [1, ...shape, 1] };
  throw shapeError(tag, '[height, width, channels] or [height, width]', shape);
};

const encodeImages = (tag: string, batch: HostTensor, maxOutputs: number): Uint8Array[] => {
  const [count = 0, height = 0, width = 0, channels = 0] = batch.shape;
  if (batch.shape.length !== 4 || height < 1 || width < 1 || !isImageChannels(channels)) {
    throw shapeError(tag, '[batch, height, width, channels]', batch.shape);
  }
  const outputs = Math.min(count, maxOutputs);
  const size = height * width * channels;
  const pixels = readPixels(batch, outputs * size);
  return Array.from({ length: outputs }, (_, i) =>
    encodePng(pixels.subarray(i * size, (i + 1) * size), width, height, channels),
  );
};

/**
 * Images of a batch for the images tab.
 *
 * @param images `[batch, height, width, channels]`: integers in 0..255 or floats in 0..1
 * @throws SummaryValueError if the shape is another one; SummaryOptionError
 */
export const imagesSummary = (
  tag: string,
  images: TensorLike,
  options: ImageOptions,
): Summary_Value => {
  const maxOutputs = options.maxOutputs ?? DEFAULT_OUTPUTS;
  if (!Number.isInteger(maxOutputs) || maxOutputs < 0) {
    const fix = `Omit it to use ${DEFAULT_OUTPUTS}.`;
    throw new SummaryOptionError('maxOutputs', 'a non-negative integer', maxOutputs, fix);
  }
  const batch = readTensor(tag, images);
  const encoded = encodeImages(tag, batch, maxOutputs);
  const [, height = 0, width = 0] = batch.shape;
  return encodedImagesSummary(tag, encoded, { width, height }, options);
};

/**
 * An image for the images tab.
 *
 * @param image `[height, width, channels]`, or `[height, width]` for gray
 * @throws SummaryValueError if the shape is another one
 */
export const imageSummary = (
  tag: string,
  image: TensorLike,
  options: SummaryOptions,
): Summary_Value => imagesSummary(tag, toBatch(tag, readTensor(tag, image)), options);

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** A summary for the images tab: the width and height as strings, then the encoded images. */
export const encodedImagesSummary = (
  tag: string,
  images: readonly Uint8Array[],
  { width, height }: ImageSize,
  options: SummaryOptions,
): Summary_Value => {
  const encoder = new TextEncoder();
  const stringVal = [encoder.encode(String(width)), encoder.encode(String(height)), ...images];
  return tensorSummary(tag, summaryMetadata('images', options), {
    dtype: DataType.DT_STRING,
    tensorShape: tensorShape([stringVal.length]),
    stringVal,
  });
};
