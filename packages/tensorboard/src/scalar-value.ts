import { DataType, type Summary_Value, type TensorProto } from '@elistimator/protos';

const contentView = ({ tensorContent }: TensorProto) =>
  new DataView(tensorContent.buffer, tensorContent.byteOffset, tensorContent.byteLength);

const tensorScalar = (tensor: TensorProto): number | undefined => {
  if (tensor.tensorShape?.dim.length) return undefined;
  const { byteLength } = tensor.tensorContent;
  switch (tensor.dtype) {
    case DataType.DT_FLOAT:
      return (
        tensor.floatVal[0] ??
        (byteLength === 4 ? contentView(tensor).getFloat32(0, true) : undefined)
      );
    case DataType.DT_DOUBLE:
      return (
        tensor.doubleVal[0] ??
        (byteLength === 8 ? contentView(tensor).getFloat64(0, true) : undefined)
      );
    default:
      return undefined;
  }
};

/**
 * The number of a scalar summary: a `simple_value`, or a float tensor without dimensions.
 *
 * @param plugin the plugin that the tag's first summary named
 */
export const scalarValue = (
  { value }: Summary_Value,
  plugin: string | undefined,
): number | undefined => {
  if (value.case === 'simpleValue') return value.value;
  return value.case === 'tensor' && plugin === 'scalars' ? tensorScalar(value.value) : undefined;
};
