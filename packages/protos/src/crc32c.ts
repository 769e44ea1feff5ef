import { createRequire } from 'node:module';
import CRC32C from 'crc-32/crc32c.js';

/** Updates the CRC of preceding bytes, or 0, with more bytes. Returns an unsigned 32-bit integer. */
export type Crc32c = (bytes: Uint8Array, previous: number) => number;

/** The check value of the Castagnoli polynomial, computed in two parts to test both uses of the function. */
const CHECK = Uint8Array.from('123456789', (digit) => digit.charCodeAt(0));
const CHECK_SUM = 0xe3069283;

const requireNative = (): { readonly crc32c: Crc32c } => {
  const require = createRequire(import.meta.url);
  return require('@node-rs/crc32');
};

/**
 * Loads the CRC-32C that uses the processor's instructions.
 *
 * @param load returns the exports of the optional package
 * @returns undefined if the package or its binary isn't installed, or gives wrong results
 */
export const loadNativeCrc32c = (load = requireNative): Crc32c | undefined => {
  try {
    const { crc32c } = load();
    const sum = crc32c(CHECK.subarray(4), crc32c(CHECK.subarray(0, 4), 0));
    return sum === CHECK_SUM ? crc32c : undefined;
  } catch {
    return undefined;
  }
};

/** Added to a rotated CRC, so that the CRC of data that contains CRCs stays reliable. */
const MASK_DELTA = 0xa282ead8;

/** For fewer bytes, a native call costs more than it saves. */
const MIN_NATIVE_LENGTH = 512;
/** Longer data is split, in case the native code doesn't support sizes beyond 32 bits. */
const MAX_NATIVE_LENGTH = 2 ** 30;

const native = loadNativeCrc32c();

/** Native code may reject memory that threads share. */
const isShared = ({ buffer }: Uint8Array): boolean => !(buffer instanceof ArrayBuffer);

/**
 * Computes the CRC-32C (Castagnoli) of bytes. Uses the processor's instructions if `@node-rs/crc32`, an
 * optional dependency, has a binary for this machine.
 *
 * @param previous the CRC of the preceding bytes of a stream; 0 by default
 * @returns an unsigned 32-bit integer
 */
export const crc32c = (bytes: Uint8Array, previous = 0): number => {
  if (native === undefined || bytes.length < MIN_NATIVE_LENGTH || isShared(bytes)) {
    return CRC32C.buf(bytes, previous) >>> 0;
  }
  let sum = previous;
  for (let start = 0; start < bytes.length; start += MAX_NATIVE_LENGTH) {
    sum = native(bytes.subarray(start, start + MAX_NATIVE_LENGTH), sum);
  }
  return sum;
};

/**
 * Masks a CRC-32C as TensorFlow stores it: rotated right by 15 bits, plus a constant.
 * Source: `mask` in TensorFlow's `crc32c.h`.
 *
 * @param crc an unsigned 32-bit CRC-32C
 * @returns an unsigned 32-bit integer
 */
export const maskCrc32c = (crc: number): number =>
  ((((crc >>> 15) | (crc << 17)) >>> 0) + MASK_DELTA) >>> 0;

/** Computes the masked CRC-32C of bytes, as TFRecord files and checkpoints store it. */
export const maskedCrc32c = (bytes: Uint8Array): number => maskCrc32c(crc32c(bytes));
