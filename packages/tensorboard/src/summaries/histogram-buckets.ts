import { SummaryOptionError, SummaryValueError } from '../errors';

/** TensorBoard's own default. */
export const DEFAULT_BUCKETS = 30;

/**
 * Counts values in buckets of equal width between the least and the greatest. Each bucket takes its
 * left edge, the last one both edges. When all values are equal, every edge is that value and the
 * last bucket has the count; without values every number is 0.
 * Source: TensorBoard's `plugins/histogram/summary_v2.py`.
 *
 * @param buckets a whole number, 0 or more
 * @returns rows of left edge, right edge, count, flat: `[buckets, 3]`
 * @throws SummaryValueError when a value is not finite, or their range is not
 */
export const histogramBuckets = (
  tag: string,
  values: ArrayLike<number>,
  buckets: number,
): Float64Array => {
  if (!Number.isInteger(buckets) || buckets < 0) {
    const fix = `Leave it out for ${DEFAULT_BUCKETS}.`;
    throw new SummaryOptionError('buckets', 'a whole number, 0 or more', buckets, fix);
  }
  const rows = new Float64Array(buckets * 3);
  if (values.length === 0 || buckets === 0) return rows;
  const { min, max } = finiteRange(tag, values);
  const width = (max - min) / buckets;
  for (let i = 0; i < buckets; i++) {
    rows[i * 3] = i * width + min;
    rows[i * 3 + 1] = i === buckets - 1 ? max : (i + 1) * width + min;
  }
  for (let i = 0; i < values.length; i++) {
    const offset = Number(values[i]) - min;
    // A range too small to divide leaves buckets without width.
    const bucket = width > 0 ? Math.min(buckets - 1, Math.floor(offset / width)) : buckets - 1;
    const count = bucket * 3 + 2;
    rows[count] = Number(rows[count]) + 1;
  }
  return rows;
};

const finiteRange = (tag: string, values: ArrayLike<number>): { min: number; max: number } => {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) {
      const fix = 'Filter such values out, or record a scalar that counts them.';
      throw new SummaryValueError(tag, 'finite values', `${value} at index ${i}`, fix);
    }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (!Number.isFinite(max - min)) {
    const fix = 'Scale the values first.';
    throw new SummaryValueError(tag, 'a finite range', `${min} to ${max}`, fix);
  }
  return { min, max };
};
