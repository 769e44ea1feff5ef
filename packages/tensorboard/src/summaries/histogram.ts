import { DataType, type Summary_Value } from '@elistimator/protos';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { readNumbers, type TensorLike } from '../tensor-like';
import {
  float64Bytes,
  type SummaryOptions,
  summaryMetadata,
  tensorShape,
  tensorSummary,
} from './summary-value';

/** Options of a histogram. */
export interface HistogramOptions extends SummaryOptions {
  /** Number of buckets. Default: 30. */
  readonly buckets?: number | undefined;
}

export const DEFAULT_BUCKETS = 30;

/**
 * The distribution of values, for the histograms and distributions tabs.
 *
 * @param values a tensor of any shape, or an array
 * @throws SummaryValueError if a value is not finite, or the number of values does not match the shape
 */
export const histogramSummary = (
  tag: string,
  values: TensorLike | ArrayLike<number>,
  options: HistogramOptions,
): Summary_Value => {
  const { data } = readNumbers(tag, values);
  const buckets = options.buckets ?? DEFAULT_BUCKETS;
  const rows = histogramBuckets(tag, data, buckets);
  return tensorSummary(tag, summaryMetadata('histograms', options), {
    dtype: DataType.DT_DOUBLE,
    tensorShape: tensorShape([buckets, 3]),
    tensorContent: float64Bytes(rows),
  });
};

/**
 * Counts values in buckets of equal width between the minimum and the maximum. A bucket includes its
 * left edge; the last one includes both. If all values are equal, all edges are that value and the last
 * bucket counts them; without values, all numbers are 0.
 * Source: TensorBoard's `plugins/histogram/summary_v2.py`.
 *
 * @param buckets a non-negative integer
 * @returns rows of left edge, right edge and count, flat: `[buckets, 3]`
 * @throws SummaryValueError if a value, or the range of the values, is not finite; SummaryOptionError
 */
export const histogramBuckets = (
  tag: string,
  values: ArrayLike<number>,
  buckets: number,
): Float64Array => {
  if (!Number.isInteger(buckets) || buckets < 0) {
    const fix = `Omit it to use ${DEFAULT_BUCKETS}.`;
    throw new SummaryOptionError('buckets', 'a non-negative integer', buckets, fix);
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
    // The width is 0 if the range is too small to divide.
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
      const fix = 'Remove such values, or record how many there are as a scalar.';
      throw new SummaryValueError(tag, 'finite values', `${value} at index ${i}`, fix);
    }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (!Number.isFinite(max - min)) {
    const fix = 'Scale the values down.';
    throw new SummaryValueError(tag, 'values with a finite range', `${min} to ${max}`, fix);
  }
  return { min, max };
};
