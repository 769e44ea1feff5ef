import { createRequire } from 'node:module';

/** Sums bytes onto the sum of those before them (0 at the beginning), as an unsigned 32-bit integer. */
export type Crc32c = (bytes: Uint8Array, previous: number) => number;

/** The check value of the Castagnoli polynomial, summed in two parts, since both paths must be right. */
const CHECK = Uint8Array.from('123456789', (digit) => digit.charCodeAt(0));
const CHECK_SUM = 0xe3069283;

const requireNative = (): { readonly crc32c: Crc32c } => {
  const require = createRequire(import.meta.url);
  return require('@node-rs/crc32');
};

/**
 * The CRC-32C that uses the processor's own instructions; undefined where its package or its binary is not
 * installed, or where it does not add up.
 *
 * @param load gives the package's exports
 */
export const loadNativeCrc32c = (load = requireNative): Crc32c | undefined => {
  try {
    const { crc32c } = load();
    const sum = crc32c(CHECK.subarray(4), crc32c(CHECK.subarray(0, 4), 0));
    return sum === CHECK_SUM ? crc32c : undefined;
  } catch {
    // Many machines have no binary for it; it is an optional dependency.
    return undefined;
  }
};
