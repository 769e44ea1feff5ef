import { create } from '@bufbuild/protobuf';
import { DataClass, type Summary_Value, Summary_ValueSchema } from '@elistimator/protos';
import { type SummaryOptions, summaryMetadata } from './metadata';

/**
 * A scalar with a description or a display name. Plain scalars go through the scalar encoder.
 *
 * A `simple_value` is what both of TensorBoard's readers show as a scalar. The data class is set
 * because its fast reader drops the description of a `simple_value` otherwise.
 */
export const scalarSummary = (tag: string, value: number, options: SummaryOptions): Summary_Value =>
  create(Summary_ValueSchema, {
    tag,
    metadata: summaryMetadata('scalars', options, { dataClass: DataClass.SCALAR }),
    value: { case: 'simpleValue', value },
  });
