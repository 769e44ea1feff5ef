import { maskedCrc32c } from '@elistimator/protos';

// A record of a TFRecord file: u64 length, masked CRC-32C of the length, payload, masked CRC-32C of
// the payload; little-endian. Source: TensorFlow's `record_writer.h`.

/** Bytes before a payload. */
export const RECORD_HEADER_BYTES = 12;
/** Bytes behind a payload. */
export const RECORD_FOOTER_BYTES = 4;
/** Bytes that a record adds to its payload. */
export const RECORD_OVERHEAD_BYTES = RECORD_HEADER_BYTES + RECORD_FOOTER_BYTES;

const lengthBytes = (length: number): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  return bytes;
};

/** Most records have one of few lengths, so their sums are kept. */
const lengthSums = new Map<number, number>();
const MAX_KEPT_SUMS = 4096;

const lengthSum = (length: number): number => {
  const kept = lengthSums.get(length);
  if (kept !== undefined) return kept;
  const sum = maskedCrc32c(lengthBytes(length));
  if (lengthSums.size < MAX_KEPT_SUMS) lengthSums.set(length, sum);
  return sum;
};

/**
 * Writes the header and the footer around a payload that lies in place.
 *
 * @param view over all of `bytes`
 * @param start where the record starts; the payload starts {@link RECORD_HEADER_BYTES} later
 * @param length bytes of the payload
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

/** Whether a header's own checksum is right. */
export const isHeaderSound = (header: DataView): boolean =>
  maskedCrc32c(new Uint8Array(header.buffer, header.byteOffset, 8)) === header.getUint32(8, true);
