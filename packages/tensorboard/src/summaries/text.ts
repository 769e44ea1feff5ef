import { create } from '@bufbuild/protobuf';
import { DataType, type Summary_Value, Summary_ValueSchema } from '@elistimator/protos';
import { type SummaryOptions, summaryMetadata } from './metadata';

/** A text, for the text tab. @param markdown what is shown there */
export const textSummary = (
  tag: string,
  markdown: string,
  options: SummaryOptions,
): Summary_Value =>
  create(Summary_ValueSchema, {
    tag,
    metadata: summaryMetadata('text', options),
    value: {
      case: 'tensor',
      value: {
        dtype: DataType.DT_STRING,
        tensorShape: {},
        // Strings in tensor_content are lost in TensorBoard's fast reader.
        stringVal: [new TextEncoder().encode(markdown)],
      },
    },
  });
