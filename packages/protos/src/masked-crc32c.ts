import CRC32C from 'crc-32/crc32c.js';

/** What TensorFlow adds to a rotated sum, so that the CRC of data that holds CRCs stays sound. */
const MASK_DELTA = 0xa282ead8;

/**
 * The CRC-32C (Castagnoli) of some bytes.
 *
 * @param bytes what to sum; it is not changed
 * @param previous the sum of the bytes before these, to sum a stream in parts
 * @returns an unsigned 32-bit integer
 */
export const crc32c = (bytes: Uint8Array, previous = 0): number =>
  CRC32C.buf(bytes, previous) >>> 0;

/**
 * Masks a CRC-32C as TensorFlow stores it: rotated right by 15 bits, then a constant added.
 * Source: `mask` in TensorFlow's `crc32c.h`.
 *
 * @param crc an unsigned 32-bit CRC-32C
 * @returns an unsigned 32-bit integer
 */
export const maskCrc32c = (crc: number): number =>
  ((((crc >>> 15) | (crc << 17)) >>> 0) + MASK_DELTA) >>> 0;

/** The masked CRC-32C of some bytes, as TFRecord files and checkpoints store it. */
export const maskedCrc32c = (bytes: Uint8Array): number => maskCrc32c(crc32c(bytes));
