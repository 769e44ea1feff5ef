import { create } from '@bufbuild/protobuf';
import { DataClass, DataType, type Summary_Value, Summary_ValueSchema } from '@elistimator/protos';
import { type SummaryOptions, summaryMetadata, tensorSummary } from './summary-value';

/**
 * A scalar with a description or a display name; `ScalarEncoder` is faster for plain scalars.
 *
 * Both of TensorBoard's readers show a `simple_value` as a scalar. Its data class is set, because the
 * data server drops the description otherwise.
 */
export const scalarSummary = (tag: string, value: number, options: SummaryOptions): Summary_Value =>
  create(Summary_ValueSchema, {
    tag,
    metadata: summaryMetadata('scalars', options, { dataClass: DataClass.SCALAR }),
    value: { case: 'simpleValue', value },
  });

/** A text in Markdown, for the text tab. */
export const textSummary = (
  tag: string,
  markdown: string,
  options: SummaryOptions,
): Summary_Value =>
  tensorSummary(tag, summaryMetadata('text', options), {
    dtype: DataType.DT_STRING,
    tensorShape: {},
    // Not tensor_content: TensorBoard's data server does not read strings from it.
    stringVal: [new TextEncoder().encode(markdown)],
  });
