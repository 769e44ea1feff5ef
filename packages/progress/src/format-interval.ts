/**
 * Formats a duration as `[H:]MM:SS`, as tqdm does. Fractions of a second are dropped.
 * Source: `format_interval` in tqdm's `std.py`.
 *
 * @param seconds may be negative; gives `?` when it is not finite
 */
export const formatInterval = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return '?';
  const sign = seconds < 0 ? '-' : '';
  // Whole numbers of any size: an estimate at a tiny rate passes what a double counts exactly.
  const whole = BigInt(Math.trunc(Math.abs(seconds)));
  const pad = (part: bigint) => part.toString().padStart(2, '0');
  const hours = whole / 3600n;
  const clock = `${pad((whole / 60n) % 60n)}:${pad(whole % 60n)}`;
  return hours > 0n ? `${sign}${hours}:${clock}` : `${sign}${clock}`;
};
