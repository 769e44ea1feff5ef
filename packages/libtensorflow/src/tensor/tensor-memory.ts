import { dataTypeOf } from '@elistimator/protos';
import { int64s, memory, type Pointer, type Runtime } from '../c-api';
import { statusCodes, TensorflowError } from '../errors';

/** Bytes of a `TF_TString`, the header of each element of a string tensor. */
const headerSize = 24;
/** The longest string that is stored inside its `TF_TString`. */
const maxInlineLength = 22;
/** Eigen, which computes on the elements, expects this alignment of every tensor. */
const alignment = 64;

/** The values of the two low bits of a `TF_TString`, which locate its bytes. */
const storage = { small: 0, large: 1, offset: 2, view: 3 } as const;

/**
 * Allocates a `TF_Tensor` whose elements all have one size.
 *
 * @param values exactly as many bytes as the tensor has; zeros by default
 * @returns the tensor's address
 * @throws TensorflowError if there is not enough memory
 */
export const allocateTensor = (
  { c }: Runtime,
  dtype: number,
  shape: readonly number[],
  dims: BigInt64Array,
  bytes: number,
  values: ArrayBufferView | undefined,
): Pointer => {
  const tensor = c.TF_AllocateTensor(dtype, dims, shape.length, bytes);
  if (bytes === 0) return tensor;
  const data = c.TF_TensorData(tensor);
  if (data === null) {
    // TensorFlow returns a tensor without memory, and computing on it would abort the process.
    c.TF_DeleteTensor(tensor);
    throw new TensorflowError(
      `Allocating a tensor of shape [${shape.join(', ')}]`,
      statusCodes.resourceExhausted,
      `There is not enough memory for ${bytes} bytes.`,
    );
  }
  // Fresh memory holds arbitrary bytes, which a view would show.
  if (values === undefined) memory().fill(data, 0, bytes);
  else memory().copy(data, values, bytes);
  return tensor;
};

/**
 * Writes byte strings as the elements of a string tensor: all `TF_TString` headers, then the bytes of the
 * strings that don't fit in theirs. It is a single block, so freeing it frees every string, no matter who
 * holds the last reference. Source: TensorFlow's `ctstring_internal.h`.
 *
 * @returns the block's address, to be freed with `memory().free`
 */
const writeStrings = (strings: readonly Uint8Array[]): Pointer => {
  const headers = strings.length * headerSize;
  const contents = strings.reduce(
    (sum, { length }) => sum + (length > maxInlineLength ? length + 1 : 0),
    0,
  );
  const size = Math.max(alignment, Math.ceil((headers + contents) / alignment) * alignment);
  const address = memory().allocate(alignment, size);
  const block = new Uint8Array(size);
  const view = new DataView(block.buffer);
  let header = 0;
  let content = headers;
  for (const bytes of strings) {
    if (bytes.length <= maxInlineLength) {
      block[header] = (bytes.length << 2) | storage.small;
      block.set(bytes, header + 1);
    } else {
      view.setBigUint64(header, (BigInt(bytes.length) << 2n) | BigInt(storage.large), true);
      view.setBigUint64(header + 8, BigInt(bytes.length), true);
      view.setBigUint64(header + 16, address + BigInt(content), true);
      block.set(bytes, content);
      content += bytes.length + 1;
    }
    header += headerSize;
  }
  memory().copy(address, block, size);
  return address;
};

/** Allocates a `TF_Tensor` of byte strings. TensorFlow frees the strings with the last reference. */
export const allocateStringTensor = (
  { c }: Runtime,
  shape: readonly number[],
  strings: readonly Uint8Array[],
): Pointer =>
  c.TF_NewTensor(
    dataTypeOf('string'),
    int64s(shape),
    shape.length,
    writeStrings(strings),
    strings.length * headerSize,
    memory().free,
    null,
  );

const locate = (header: DataView, address: Pointer): { start: Pointer; length: number } => {
  switch (header.getUint8(0) & 3) {
    case storage.small:
      return { start: address + 1n, length: header.getUint8(0) >> 2 };
    case storage.offset:
      return {
        start: address + BigInt(header.getUint32(4, true)),
        length: header.getUint32(0, true) >>> 2,
      };
    default: {
      const isLarge = (header.getUint8(0) & 3) === storage.large;
      return {
        start: header.getBigUint64(isLarge ? 16 : 8, true),
        length: Number(header.getBigUint64(0, true) >> 2n),
      };
    }
  }
};

/**
 * Copies the elements of a string tensor.
 *
 * @param address the address of the first `TF_TString`
 * @param count the number of elements
 */
export const readStrings = (address: Pointer, count: number): Uint8Array[] => {
  const headers = new Uint8Array(count * headerSize);
  memory().copy(headers, address, headers.length);
  return Array.from({ length: count }, (_, index) => {
    const header = new DataView(headers.buffer, index * headerSize, headerSize);
    const { start, length } = locate(header, address + BigInt(index * headerSize));
    const bytes = new Uint8Array(length);
    if (length > 0) memory().copy(bytes, start, length);
    return bytes;
  });
};
