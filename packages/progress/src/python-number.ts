/**
 * A number with a fixed count of decimals, as Python's `f` format writes it: halves go to the even
 * neighbour, no exponent at any size. `toFixed` alone rounds halves up and gives up at 1e21.
 */
export const fixed = (value: number, decimals: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value < 0 || Object.is(value, -0)) return `-${fixed(-value, decimals)}`;
  const whole = Math.trunc(value);
  const fraction = (value - whole) * 10 ** decimals;
  // A double lies halfway between two decimals exactly when this power of two makes it an odd integer.
  const isHalfway = (value * 2 ** (decimals + 1)) % 2 === 1;
  if (!isHalfway && value < 1e21) return value.toFixed(decimals);
  const below = BigInt(whole) * 10n ** BigInt(decimals) + BigInt(Math.trunc(fraction));
  const digits = `${below + (isHalfway ? below % 2n : 0n)}`.padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
};

/**
 * A number as Python's `str` writes it.
 *
 * @param isFloat whether Python would hold it as a float although it has no fraction: `2.0`, not `2`
 */
export const numberText = (value: number, isFloat = !Number.isInteger(value)): string => {
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
