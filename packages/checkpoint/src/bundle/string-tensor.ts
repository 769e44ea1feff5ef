import { crc32c, maskCrc32c } from '@elistimator/protos';
import { ByteReader, ByteWriter, hex32, Malformed } from '../bytes';

/** The checksum covers lengths as fixed-width integers, not as the varints that are stored. */
const pushLength = (writer: ByteWriter, length: number): ByteWriter =>
  length < 2 ** 32 ? writer.uint32(length) : writer.uint64(length);

const lengthsOf = (strings: readonly Uint8Array[]): ByteWriter => {
  const lengths = new ByteWriter();
  for (const { length } of strings) pushLength(lengths, length);
  return lengths;
};

const checksumBytes = (sum: number): Uint8Array => new ByteWriter().uint32(sum).bytes();

/** The masked CRC-32C of the lengths, their checksum and the strings. */
const entryChecksum = (
  strings: readonly Uint8Array[],
  lengths: Uint8Array,
  lengthSum: number,
): number =>
  maskCrc32c(
    strings.reduce(
      (sum, bytes) => crc32c(bytes, sum),
      crc32c(checksumBytes(lengthSum), crc32c(lengths)),
    ),
  );

/** A string tensor as stored in a data file, and the checksum for its index entry. */
export interface EncodedStrings {
  /** Varint lengths and their checksum. The strings follow it. */
  readonly head: Uint8Array;
  /** The length of the head and all strings in bytes. */
  readonly size: number;
  readonly checksum: number;
}

/** Encodes a string tensor. Source: `WriteStringTensor` in TensorFlow's `tensor_bundle.cc`. */
export const encodeStrings = (strings: readonly Uint8Array[]): EncodedStrings => {
  const lengths = lengthsOf(strings).bytes();
  const lengthSum = maskCrc32c(crc32c(lengths));
  const head = new ByteWriter();
  for (const { length } of strings) head.varint(length);
  head.uint32(lengthSum);
  return {
    head: head.bytes(),
    size: strings.reduce((size, { length }) => size + length, head.length),
    checksum: entryChecksum(strings, lengths, lengthSum),
  };
};

/**
 * Verifies and decodes a string tensor. Source: `ReadStringTensor` in TensorFlow's `tensor_bundle.cc`.
 *
 * @param bytes the bytes of the index entry's extent
 * @param count the number of elements
 * @param checksum the checksum of the index entry
 * @returns the strings; their buffers are not shared
 * @throws Malformed, before memory is allocated for more strings than the bytes can contain
 */
export const decodeStrings = (bytes: Uint8Array, count: number, checksum: number): Uint8Array[] => {
  // TensorFlow also accepts a tensor without elements that has no bytes.
  if (count === 0 && bytes.length === 0) return [];
  if (count > bytes.length - 4) {
    throw new Malformed(
      `at least ${count + 4} bytes for ${count} strings`,
      `${bytes.length} bytes`,
    );
  }
  const reader = new ByteReader(bytes);
  const sizes = Array.from({ length: count }, () => reader.varint());
  const lengths = new ByteWriter();
  for (const size of sizes) pushLength(lengths, size);
  const lengthSum = maskCrc32c(crc32c(lengths.bytes()));
  const recorded = reader.uint32();
  if (recorded !== lengthSum) {
    throw new Malformed(`checksum ${hex32(recorded)} of the string lengths`, hex32(lengthSum));
  }
  const strings = sizes.map((size) => new Uint8Array(reader.take(size)));
  if (reader.remaining > 0) {
    throw new Malformed(`strings of ${bytes.length} bytes`, `${bytes.length - reader.remaining}`);
  }
  const computed = entryChecksum(strings, lengths.bytes(), lengthSum);
  if (computed !== checksum) throw new Malformed(`checksum ${hex32(checksum)}`, hex32(computed));
  return strings;
};
