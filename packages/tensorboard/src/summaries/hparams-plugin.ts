import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  DataType,
  HParamsPluginDataSchema,
  type Summary_Value,
  Summary_ValueSchema,
} from '@elistimator/protos';
import { summaryMetadata } from './metadata';

type PluginData = MessageInitShape<typeof HParamsPluginDataSchema>;

/**
 * A summary of the hparams tab. All of it lies in the metadata; the tensor is empty.
 *
 * @param tag one of the three that TensorBoard's `plugins/hparams/metadata.py` names
 */
export const hparamsValue = (tag: string, data: PluginData['data']): Summary_Value => {
  const message = create(HParamsPluginDataSchema, data === undefined ? {} : { data });
  const content = toBinary(HParamsPluginDataSchema, message);
  return create(Summary_ValueSchema, {
    tag,
    metadata: summaryMetadata('hparams', {}, { content }),
    value: {
      case: 'tensor',
      value: { dtype: DataType.DT_FLOAT, tensorShape: { dim: [{ size: 0n }] } },
    },
  });
};
