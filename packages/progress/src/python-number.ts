/** A number, and whether Python would hold it as a float, which changes how it is written. */
export interface DecimalNumber {
  readonly value: number;
  readonly isFloat: boolean;
}

/**
 * Formats a number with a fixed count of decimals, as Python's `f` format does: ties round to even,
 * and there is never an exponent. `toFixed` rounds ties up and switches to an exponent at 1e21.
 */
export const formatFixed = (value: number, decimals: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value < 0 || Object.is(value, -0)) return `-${formatFixed(-value, decimals)}`;
  const whole = Math.trunc(value);
  const fraction = (value - whole) * 10 ** decimals;
  // A double is a tie between two decimals exactly if this power of two makes it an odd integer.
  const isTie = (value * 2 ** (decimals + 1)) % 2 === 1;
  if (!isTie && value < 1e21) return value.toFixed(decimals);
  const below = BigInt(whole) * 10n ** BigInt(decimals) + BigInt(Math.trunc(fraction));
  const digits = `${below + (isTie ? below % 2n : 0n)}`.padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
};

/**
 * Formats a number as Python's `str` does.
 *
 * @param isFloat whether Python would hold an integer as a float, and write `2.0` instead of `2`
 */
export const formatNumber = (value: number, isFloat = !Number.isInteger(value)): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (!isFloat) return BigInt(value).toString();
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    return value.toExponential().replace(/([+-])(\d)$/, '$10$2');
  }
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) ? `${value}.0` : String(value);
};
