import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type DataClass,
  type Summary_Value,
  Summary_ValueSchema,
  type SummaryMetadata,
  SummaryMetadataSchema,
  type TensorProtoSchema,
  type TensorShapeProtoSchema,
} from '@elistimator/protos';

/** Options of every summary. TensorBoard uses the texts of the first summary of each tag only. */
export interface SummaryOptions {
  /** Seconds since the epoch. Default: the time of the call. */
  readonly wallTime?: number | undefined;
  /** Markdown, shown next to the charts. */
  readonly description?: string | undefined;
  /** Shown instead of the tag. */
  readonly displayName?: string | undefined;
}

interface PluginDetails {
  /** The plugin's own message, serialized. */
  readonly content?: Uint8Array;
  /** Omitted for built-in plugins: readers derive it, and skip the conversion of old formats if it is set. */
  readonly dataClass?: DataClass;
}

/** The metadata of a summary: which plugin of TensorBoard shows it, and how. */
export const summaryMetadata = (
  pluginName: string,
  { description = '', displayName = '' }: SummaryOptions,
  { content, dataClass }: PluginDetails = {},
): SummaryMetadata =>
  create(SummaryMetadataSchema, {
    pluginData: { pluginName, ...(content && { content }) },
    displayName,
    summaryDescription: description,
    ...(dataClass && { dataClass }),
  });

export const tensorSummary = (
  tag: string,
  metadata: SummaryMetadata,
  tensor: MessageInitShape<typeof TensorProtoSchema>,
): Summary_Value =>
  create(Summary_ValueSchema, { tag, metadata, value: { case: 'tensor', value: tensor } });

export const tensorShape = (
  shape: readonly number[],
): MessageInitShape<typeof TensorShapeProtoSchema> => ({
  dim: shape.map((size) => ({ size: BigInt(size) })),
});

export const float64Bytes = (values: ArrayLike<number>): Uint8Array =>
  littleEndian(values, 8, 'setFloat64');

export const float32Bytes = (values: ArrayLike<number>): Uint8Array =>
  littleEndian(values, 4, 'setFloat32');

export const int32Bytes = (values: ArrayLike<number>): Uint8Array =>
  littleEndian(values, 4, 'setInt32');

type Setter = 'setFloat64' | 'setFloat32' | 'setInt32';

/** Tensor content is little-endian on every machine. */
const littleEndian = (values: ArrayLike<number>, size: number, set: Setter): Uint8Array => {
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view[set](i * size, Number(values[i]), true);
  return bytes;
};
