import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TensorProto, TensorProtoSchema } from '@elistimator/protos';
import { type Elements, isFilled, isNumeric } from '../graph/constant-values';
import type { ConstantNode, TensorSpec } from '../graph/types';
import { protoType } from './dtypes';

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Bytes of 4-byte numbers in the other byte order. */
const swapped = (bytes: Uint8Array): Uint8Array => {
  const turned = bytes.slice();
  for (let at = 0; at + 3 < turned.length; at += 4) turned.subarray(at, at + 4).reverse();
  return turned;
};

const contentOf = (values: Float32Array | Int32Array | Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  return littleEndian || values.BYTES_PER_ELEMENT === 1 ? bytes : swapped(bytes);
};

/** A constant's elements as TensorFlow stores them; undefined of one that is filled. */
export const constantToProto = ({
  values,
  outputs: [{ dtype, shape }],
}: ConstantNode): MessageInitShape<typeof TensorProtoSchema> | undefined => {
  if (isFilled(values)) return undefined;
  const tensorShape = { dim: shape.map((dimension) => ({ size: BigInt(Number(dimension)) })) };
  const proto = { dtype: protoType(dtype), tensorShape };
  if (isNumeric(values)) return { ...proto, tensorContent: contentOf(values) };
  return { ...proto, stringVal: values.map((text) => new TextEncoder().encode(text)) };
};

/** The elements, as many as the bytes hold; whether these are enough for the shape is checked later. */
export const elementsFromProto = (proto: TensorProto, { dtype }: TensorSpec): Elements => {
  if (dtype === 'string') {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return proto.stringVal.map((bytes) => decoder.decode(bytes));
  }
  const content = proto.tensorContent;
  if (dtype === 'bool') return content.map((value) => (value === 0 ? 0 : 1));
  const whole = content.slice(0, content.length - (content.length % 4));
  const { buffer } = littleEndian ? whole : swapped(whole);
  return dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer);
};
