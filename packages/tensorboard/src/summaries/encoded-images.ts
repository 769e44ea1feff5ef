import { create } from '@bufbuild/protobuf';
import { DataType, type Summary_Value, Summary_ValueSchema } from '@elistimator/protos';
import type { ImageSize } from './image-size';
import { type SummaryOptions, summaryMetadata } from './metadata';

/** A summary of the images tab: width and height as texts, then the files of the images. */
export const encodedImages = (
  tag: string,
  images: readonly Uint8Array[],
  { width, height }: ImageSize,
  options: SummaryOptions,
): Summary_Value => {
  const text = new TextEncoder();
  const stringVal = [text.encode(String(width)), text.encode(String(height)), ...images];
  return create(Summary_ValueSchema, {
    tag,
    metadata: summaryMetadata('images', options),
    value: {
      case: 'tensor',
      value: {
        dtype: DataType.DT_STRING,
        tensorShape: { dim: [{ size: BigInt(stringVal.length) }] },
        stringVal,
      },
    },
  });
};
