import CRC32C from 'crc-32/crc32c.js';
import { loadNativeCrc32c } from './native-crc32c';

/** What TensorFlow adds to a rotated sum, so that the CRC of data that holds CRCs stays sound. */
const MASK_DELTA = 0xa282ead8;

/** Below this many bytes the call out of JavaScript costs more than it saves. */
const WORTH_A_CALL = 512;
/** A native call takes this much at most, whatever it would make of sizes beyond 32 bits. */
const LONGEST_CALL = 2 ** 30;

const native = loadNativeCrc32c();

/** Memory that threads share is left to JavaScript: native code may refuse it. */
const isOwn = ({ buffer }: Uint8Array): boolean => buffer instanceof ArrayBuffer;

/**
 * The CRC-32C (Castagnoli) of some bytes; by the processor's own instructions where `@node-rs/crc32`, an
 * optional dependency, has a binary for this machine.
 *
 * @param bytes what to sum; it is not changed
 * @param previous the sum of the bytes before these, to sum a stream in parts
 * @returns an unsigned 32-bit integer
 */
export const crc32c = (bytes: Uint8Array, previous = 0): number => {
  if (native === undefined || bytes.length < WORTH_A_CALL || !isOwn(bytes)) {
    return CRC32C.buf(bytes, previous) >>> 0;
  }
  let sum = previous;
  for (let at = 0; at < bytes.length; at += LONGEST_CALL) {
    sum = native(bytes.subarray(at, at + LONGEST_CALL), sum);
  }
  return sum;
};

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
