import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { histogramBuckets } from './histogram';

const rowsOf = (flat: Float64Array) =>
  Array.from({ length: flat.length / 3 }, (_, i) => [...flat.subarray(i * 3, i * 3 + 3)]);

describe('histogramBuckets', () => {
  it('counts in buckets of equal width, of which the last includes its right edge', () => {
    expect(rowsOf(histogramBuckets('t', [0, 1, 2, 3, 4], 4))).toEqual([
      [0, 1, 1],
      [1, 2, 1],
      [2, 3, 1],
      [3, 4, 2],
    ]);
  });

  it('counts equal values in the last bucket, with all edges at the value', () => {
    expect(rowsOf(histogramBuckets('t', [7, 7], 3))).toEqual([
      [7, 7, 0],
      [7, 7, 0],
      [7, 7, 2],
    ]);
  });

  it('returns zeros without values, and nothing without buckets', () => {
    expect(rowsOf(histogramBuckets('t', [], 2))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(histogramBuckets('t', [1, 2], 0)).toHaveLength(0);
  });

  it('counts every value once, between the minimum and the maximum', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 50 }), (numbers, buckets) => {
        const rows = rowsOf(histogramBuckets('t', numbers, buckets));
        expect(rows.reduce((sum, [, , count = 0]) => sum + count, 0)).toBe(numbers.length);
        expect(rows[0]?.[0]).toBe(Math.min(...numbers) + 0);
        expect(rows.at(-1)?.[1]).toBe(Math.max(...numbers));
      }),
    );
  });

  it('supports a range that is too small to divide', () => {
    const rows = rowsOf(histogramBuckets('t', [0, 5e-324], 30));
    expect(rows.reduce((sum, [, , count = 0]) => sum + count, 0)).toBe(2);
  });

  it.each([[Number.NaN], [Infinity], [-Infinity]])('rejects %d and names the tag', (value) => {
    const count = () => histogramBuckets('dense/kernel', [0, value], 30);
    expect(count).toThrow(SummaryValueError);
    expect(count).toThrow(`"dense/kernel": expected finite values, got ${value} at index 1`);
  });

  it('rejects a range that is not finite, and invalid bucket counts', () => {
    expect(() => histogramBuckets('t', [-1.7e308, 1.7e308], 30)).toThrow(
      'values with a finite range',
    );
    expect(() => histogramBuckets('t', [1], -1)).toThrow(SummaryOptionError);
    expect(() => histogramBuckets('t', [1], 1.5)).toThrow(SummaryOptionError);
  });
});
