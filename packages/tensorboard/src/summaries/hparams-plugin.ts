import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { ValueSchema } from '@bufbuild/protobuf/wkt';
import { DataType, HParamsPluginDataSchema, type Summary_Value } from '@elistimator/protos';
import { SummaryValueError } from '../errors';
import { summaryMetadata, tensorShape, tensorSummary } from './summary-value';

/** The value of a hyperparameter. */
export type HParamValue = number | string | boolean;

/**
 * Converts the value of a hyperparameter to protobuf.
 *
 * @throws SummaryValueError if it has another type, or is a number that is not finite
 */
export const toProtoValue = (
  name: string,
  value: HParamValue,
): MessageInitShape<typeof ValueSchema> => {
  switch (typeof value) {
    case 'string':
      return { kind: { case: 'stringValue', value } };
    case 'boolean':
      return { kind: { case: 'boolValue', value } };
    case 'number':
      if (Number.isFinite(value)) return { kind: { case: 'numberValue', value } };
  }
  throw new SummaryValueError(
    name,
    'a hyperparameter that is a finite number, a string or a boolean',
    typeof value === 'number' ? String(value) : typeof value,
    'Omit it, or convert it to a string.',
  );
};

type PluginData = MessageInitShape<typeof HParamsPluginDataSchema>;

/**
 * A summary for the hparams tab. All data is in the metadata; the tensor is empty.
 *
 * @param tag one of the three that TensorBoard's `plugins/hparams/metadata.py` defines
 */
export const hparamsSummary = (tag: string, data: PluginData['data']): Summary_Value => {
  const message = create(HParamsPluginDataSchema, data === undefined ? {} : { data });
  const content = toBinary(HParamsPluginDataSchema, message);
  return tensorSummary(tag, summaryMetadata('hparams', {}, { content }), {
    dtype: DataType.DT_FLOAT,
    tensorShape: tensorShape([0]),
  });
};
