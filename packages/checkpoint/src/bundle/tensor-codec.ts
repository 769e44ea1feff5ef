import { endianness } from 'node:os';
import {
  crc32c,
  type FixedData,
  type FixedLayout,
  fixedLayouts,
  maskCrc32c,
  maskedCrc32c,
  type TensorData,
} from '@elistimator/protos';
import { hex32, Malformed } from '../bytes';
import { InvalidTensorError } from '../errors';
import {
  type CheckpointDType,
  checkpointDTypes,
  elementCount,
  type WritableTensor,
} from '../tensor';
import { decodeStrings, encodeStrings } from './string-tensor';

/** A validated tensor that is ready to be written. */
export interface EncodedTensor {
  readonly tensor: WritableTensor;
  readonly size: number;
  /** The tensor's bytes in parts; views of its array where possible. */
  parts(): Iterable<Uint8Array>;
  /** The masked CRC-32C for the index. Available once `parts` has been iterated. */
  checksum(): number;
}

/** Checksums are computed just before a part is written, while it is still in the processor's cache. */
const PART_LENGTH = 1 << 23;

/** Typed arrays have the machine's byte order; checkpoints are little-endian unless the header says otherwise. */
const hostIsBigEndian = endianness() === 'BE';

/** Reverses the bytes of every number of `size` bytes, in place. */
const swapBytes = (bytes: Uint8Array, size: number): Uint8Array => {
  for (let at = 0; size > 1 && at < bytes.length; at += size)
    bytes.subarray(at, at + size).reverse();
  return bytes;
};

const encodeFixed = (
  tensor: WritableTensor,
  data: FixedData,
  numberSize: number,
): EncodedTensor => {
  let sum = 0;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return {
    tensor,
    size: bytes.length,
    *parts() {
      sum = 0;
      for (let at = 0; at < bytes.length; at += PART_LENGTH) {
        const part = bytes.subarray(at, at + PART_LENGTH);
        const stored = hostIsBigEndian ? swapBytes(part.slice(), numberSize) : part;
        sum = crc32c(stored, sum);
        yield stored;
      }
    },
    checksum: () => maskCrc32c(sum),
  };
};

const encodeText = (tensor: WritableTensor, strings: readonly Uint8Array[]): EncodedTensor => {
  const { head, size, checksum } = encodeStrings(strings);
  return {
    tensor,
    size,
    *parts() {
      yield head;
      yield* strings;
    },
    checksum: () => checksum,
  };
};

/** Describes data in an error message: `Int32Array of length 1`. */
const describeData = (data: unknown): string => {
  if (typeof data !== 'object' || data === null) return typeof data;
  const type = data.constructor?.name ?? 'an object';
  return 'length' in data && typeof data.length === 'number'
    ? `${type} of length ${data.length}`
    : type;
};

const encoder = new TextEncoder();

/**
 * Validates a tensor and prepares it for writing.
 *
 * @throws InvalidTensorError if dtype, shape and data are inconsistent
 */
export const encodeTensor = (tensor: WritableTensor): EncodedTensor => {
  const { name, dtype, shape, data } = tensor;
  if (!checkpointDTypes.includes(dtype)) {
    const expected = `a dtype of ${checkpointDTypes.join(', ')}`;
    throw new InvalidTensorError(name, expected, String(dtype), 'Cast the tensor first.');
  }
  const count = Array.isArray(shape) ? elementCount(shape) : undefined;
  if (count === undefined) {
    throw new InvalidTensorError(
      name,
      'a shape of integers of at least 0',
      Array.isArray(shape) ? `[${shape}]` : describeData(shape),
      'Pass the actual shape of the data.',
    );
  }
  if (dtype === 'string') {
    const isText = (value: unknown) => typeof value === 'string' || value instanceof Uint8Array;
    if (!Array.isArray(data) || data.length !== count || !data.every(isText)) {
      throw new InvalidTensorError(
        name,
        `an array of ${count} strings for shape [${shape}]`,
        describeData(data),
        'Pass one string or Uint8Array per element.',
      );
    }
    const texts: readonly (string | Uint8Array)[] = data;
    return encodeText(
      tensor,
      texts.map((text) => (typeof text === 'string' ? encoder.encode(text) : text)),
    );
  }
  const { array, lanes, size }: FixedLayout = fixedLayouts[dtype];
  if (!(data instanceof array) || data.length !== count * lanes) {
    throw new InvalidTensorError(
      name,
      `${array.name} of length ${count * lanes} for ${dtype} [${shape}]`,
      describeData(data),
      'Pass all values in row-major order.',
    );
  }
  return encodeFixed(tensor, data, size / lanes);
};

/** The index's entry for a tensor's bytes. */
export interface DecodeOptions {
  readonly dtype: CheckpointDType;
  readonly shape: readonly number[];
  /** Masked CRC-32C. */
  readonly checksum: number;
  readonly bigEndian: boolean;
}

/**
 * Verifies and decodes a tensor. Returns a view of the bytes if their alignment allows it.
 *
 * @param bytes in a buffer that is not used elsewhere; they may be modified
 * @throws Malformed if the checksum does not match, or the bytes are not valid for the dtype
 */
export const decodeTensor = (
  bytes: Uint8Array,
  { dtype, shape, checksum, bigEndian }: DecodeOptions,
): TensorData[CheckpointDType] => {
  const count = elementCount(shape) ?? 0;
  if (dtype === 'string') return decodeStrings(bytes, count, checksum);
  const computed = maskedCrc32c(bytes);
  if (computed !== checksum) throw new Malformed(`checksum ${hex32(checksum)}`, hex32(computed));
  const { array, lanes, size }: FixedLayout = fixedLayouts[dtype];
  const numberSize = size / lanes;
  const aligned = bytes.byteOffset % numberSize === 0 ? bytes : new Uint8Array(bytes);
  if (bigEndian !== hostIsBigEndian) swapBytes(aligned, numberSize);
  // Like TensorFlow, treats every byte except 0 as true.
  if (dtype === 'bool') for (const [at, byte] of aligned.entries()) if (byte > 1) aligned[at] = 1;
  return new array(aligned.buffer, aligned.byteOffset, count * lanes);
};
