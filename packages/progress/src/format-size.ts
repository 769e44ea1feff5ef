import { fixed } from './python-number';

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z'];

/**
 * Formats a number with three significant digits and an SI prefix: `1.23k`, `45.6M`.
 * Source: `format_sizeof` in tqdm's `std.py`.
 *
 * @param divisor what lies between two prefixes: 1000, or 1024 for bytes
 */
export const formatSize = (value: number, divisor: number): string => {
  let scaled = value;
  for (const prefix of PREFIXES) {
    const magnitude = Math.abs(scaled);
    if (magnitude < 9.995) return `${fixed(scaled, 2)}${prefix}`;
    if (magnitude < 99.95) return `${fixed(scaled, 1)}${prefix}`;
    if (magnitude < 999.5) return `${fixed(scaled, 0).padStart(3)}${prefix}`;
    scaled /= divisor;
  }
  return `${fixed(scaled, 1)}Y`;
};
