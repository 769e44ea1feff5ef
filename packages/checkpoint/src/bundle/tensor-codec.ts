import { endianness } from 'node:os';
import { crc32c, maskCrc32c, maskedCrc32c } from '@elistimator/protos';
import { hex32, Malformed } from '../bytes';
import {
  type CheckpointDType,
  checkpointDTypes,
  type FixedData,
  fixedLayouts,
  type TensorData,
} from '../dtypes';
import { InvalidTensorError } from '../errors';
import { elementCount, type WritableTensor } from '../tensor';
import { decodeStrings, encodeStrings } from './string-tensor';

/** A tensor ready to be written. */
export interface EncodedTensor {
  readonly tensor: WritableTensor;
  readonly size: number;
  /** The tensor's bytes in parts; views of its own array where that is possible. */
  parts(): Iterable<Uint8Array>;
  /** The masked CRC-32C that the index carries. Known once `parts` was iterated. */
  checksum(): number;
}

/** Parts are summed right before they are written, while they still are in the processor's cache. */
const PART_LENGTH = 1 << 23;

const encoder = new TextEncoder();

const describe = (data: unknown): string => {
  if (typeof data !== 'object' || data === null) return typeof data;
  const { length } = data as { length?: unknown };
  const kind = data.constructor?.name ?? 'an object';
  return typeof length === 'number' ? `${kind} of length ${length}` : kind;
};

const encodeFixed = (
  tensor: WritableTensor,
  data: FixedData,
  elementSize: number,
): EncodedTensor => {
  let sum = 0;
  const own = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return {
    tensor,
    size: own.length,
    *parts() {
      sum = 0;
      for (let at = 0; at < own.length; at += PART_LENGTH) {
        const part = own.subarray(at, at + PART_LENGTH);
        const stored = hostIsBigEndian ? swapBytes(part.slice(), elementSize) : part;
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

/**
 * Checks a tensor and prepares it for writing.
 *
 * @throws InvalidTensorError when dtype, shape and data do not agree
 */
export const encodeTensor = (tensor: WritableTensor): EncodedTensor => {
  const { name, dtype, shape, data } = tensor;
  if (!checkpointDTypes.includes(dtype)) {
    const known = checkpointDTypes.join(', ');
    throw new InvalidTensorError(name, `a dtype of ${known}`, String(dtype), 'Cast it first.');
  }
  const count = elementCount(shape);
  if (count === undefined) {
    throw new InvalidTensorError(
      name,
      'a shape of whole numbers from 0',
      `[${shape}]`,
      'Give its real shape.',
    );
  }
  if (dtype === 'string') {
    const isText = (value: unknown) => typeof value === 'string' || value instanceof Uint8Array;
    if (!Array.isArray(data) || data.length !== count || !data.every(isText)) {
      const expected = `an array of ${count} strings for shape [${shape}]`;
      throw new InvalidTensorError(
        name,
        expected,
        describe(data),
        'Give one string or Uint8Array an element.',
      );
    }
    const texts: readonly (string | Uint8Array)[] = data;
    return encodeText(
      tensor,
      texts.map((text) => (typeof text === 'string' ? encoder.encode(text) : text)),
    );
  }
  const { array, lanes, size } = fixedLayouts[dtype];
  if (!(data instanceof array) || data.length !== count * lanes) {
    const expected = `${array.name} of length ${count * lanes} for ${dtype} [${shape}]`;
    throw new InvalidTensorError(
      name,
      expected,
      describe(data),
      'Give its values in row-major order.',
    );
  }
  return encodeFixed(tensor, data, size / lanes);
};

/** What is needed to make sense of a tensor's bytes. */
export interface DecodeOptions {
  readonly dtype: CheckpointDType;
  readonly shape: readonly number[];
  /** The masked CRC-32C that the index carries. */
  readonly checksum: number;
  readonly bigEndian: boolean;
}

/**
 * Verifies a tensor's bytes and gives its values: a view of the bytes where their alignment allows.
 *
 * @param bytes in a buffer that nothing else uses; they may be changed
 * @throws Malformed when they do not add up to the checksum, or are not as the dtype has them
 */
export const decodeTensor = (
  bytes: Uint8Array,
  options: DecodeOptions,
): TensorData[CheckpointDType] => {
  const { dtype, shape, checksum, bigEndian } = options;
  const count = elementCount(shape) ?? 0;
  if (dtype === 'string') return decodeStrings(bytes, count, checksum);
  const computed = maskedCrc32c(bytes);
  if (computed !== checksum) throw new Malformed(`checksum ${hex32(checksum)}`, hex32(computed));
  const { array, lanes, size } = fixedLayouts[dtype];
  const numberSize = size / lanes;
  const aligned = bytes.byteOffset % numberSize === 0 ? bytes : new Uint8Array(bytes);
  if (bigEndian !== hostIsBigEndian) swapBytes(aligned, numberSize);
  // TensorFlow takes every byte but 0 as true.
  if (dtype === 'bool') for (const [at, byte] of aligned.entries()) if (byte > 1) aligned[at] = 1;
  const values: FixedData = new array(aligned.buffer, aligned.byteOffset, count * lanes);
  return values;
};

/** Typed arrays have the machine's byte order; checkpoints are little-endian unless their header says else. */
export const hostIsBigEndian = endianness() === 'BE';

/** Reverses the bytes of every number, in place. @param size bytes of one number */
export const swapBytes = (bytes: Uint8Array, size: number): Uint8Array => {
  for (let at = 0; size > 1 && at < bytes.length; at += size)
    bytes.subarray(at, at + size).reverse();
  return bytes;
};
