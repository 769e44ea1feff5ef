import { maskedCrc32c } from '@elistimator/protos';

// A record of a TFRecord file: length (uint64), masked CRC-32C of the length, payload, masked CRC-32C
// of the payload; little-endian. Source: TensorFlow's `record_writer.h`.

export const RECORD_HEADER_BYTES = 12;
export const RECORD_FOOTER_BYTES = 4;
export const RECORD_OVERHEAD_BYTES = RECORD_HEADER_BYTES + RECORD_FOOTER_BYTES;

const lengthBytes = (length: number): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  return bytes;
};

/** Most records have one of few lengths, so the checksums of lengths are cached. */
const lengthSums = new Map<number, number>();
const MAX_CACHED_SUMS = 4096;

const lengthSum = (length: number): number => {
  const cached = lengthSums.get(length);
  if (cached !== undefined) return cached;
  const sum = maskedCrc32c(lengthBytes(length));
  if (lengthSums.size < MAX_CACHED_SUMS) lengthSums.set(length, sum);
  return sum;
};

/**
 * Writes the header and the footer of a record whose payload is already in place.
 *
 * @param view of all of `bytes`
 * @param start position of the record; its payload starts {@link RECORD_HEADER_BYTES} later
 * @param length size of the payload in bytes
 */
export const sealRecord = (
  bytes: Uint8Array,
  view: DataView,
  start: number,
  length: number,
): void => {
  const payload = start + RECORD_HEADER_BYTES;
  view.setUint32(start, length, true);
  view.setUint32(start + 4, Math.floor(length / 2 ** 32), true);
  view.setUint32(start + 8, lengthSum(length), true);
  const sum = maskedCrc32c(bytes.subarray(payload, payload + length));
  view.setUint32(payload + length, sum, true);
};

export const isHeaderIntact = (header: DataView): boolean =>
  maskedCrc32c(new Uint8Array(header.buffer, header.byteOffset, 8)) === header.getUint32(8, true);
