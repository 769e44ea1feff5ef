import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  dataTypeOf,
  type TensorProto,
  type TensorProtoSchema,
  type TensorShapeProtoSchema,
} from '@elistimator/protos';
import type { DataType } from '@tensorflow/tfjs';
import {
  type ConstantElements,
  type ConstantNode,
  isFill,
  isTypedArray,
  type SymbolicNumber,
  type TensorType,
} from '../ir/types';

const dtypes: ReadonlySet<unknown> = new Set<DataType>([
  'float32',
  'int32',
  'bool',
  'complex64',
  'string',
]);

/** Whether a value is the name of a dtype of tfjs. */
export const isTfjsDtype = (value: unknown): value is DataType => dtypes.has(value);

/** A shape as TensorFlow writes it: -1 for a dimension that depends on the batch size. */
export const shapeToProto = (
  shape: readonly SymbolicNumber[],
): MessageInitShape<typeof TensorShapeProtoSchema> => ({
  dim: shape.map((dimension) => ({
    size: typeof dimension === 'number' ? BigInt(dimension) : -1n,
  })),
});

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The bytes of 4-byte numbers in the other byte order. */
const swapBytes = (bytes: Uint8Array): Uint8Array => {
  const swapped = bytes.slice();
  for (let offset = 0; offset + 3 < swapped.length; offset += 4) {
    swapped.subarray(offset, offset + 4).reverse();
  }
  return swapped;
};

const contentOf = (values: Float32Array | Int32Array | Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  return isLittleEndian || values.BYTES_PER_ELEMENT === 1 ? bytes : swapBytes(bytes);
};

/** The elements of a constant as TensorFlow stores them; undefined for a fill value. */
export const constantToProto = ({
  values,
  outputs: [{ dtype, shape }],
}: ConstantNode): MessageInitShape<typeof TensorProtoSchema> | undefined => {
  if (isFill(values)) return undefined;
  const proto = { dtype: dataTypeOf(dtype), tensorShape: shapeToProto(shape) };
  if (isTypedArray(values)) return { ...proto, tensorContent: contentOf(values) };
  return { ...proto, stringVal: values.map((text) => new TextEncoder().encode(text)) };
};

/** The elements, as many as there are bytes for; `validate` compares their number with the shape. */
export const elementsFromProto = (
  { tensorContent, stringVal }: TensorProto,
  { dtype }: TensorType,
): ConstantElements => {
  if (dtype === 'string') {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return stringVal.map((bytes) => decoder.decode(bytes));
  }
  if (dtype === 'bool') return tensorContent.map((value) => (value === 0 ? 0 : 1));
  const numbers = tensorContent.slice(0, tensorContent.length - (tensorContent.length % 4));
  const { buffer } = isLittleEndian ? numbers : swapBytes(numbers);
  return dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer);
};
