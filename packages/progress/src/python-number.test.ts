import { describe, expect, it } from 'vitest';
import { formatFixed, formatNumber } from './python-number';

describe('formatFixed', () => {
  it.each([
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [-0.125, 2, '-0.12'],
    [-0.001, 2, '-0.00'],
    [2 ** 48 + 1 / 8, 2, '281474976710656.12'],
    [0.5, 0, '0'],
    [-0.5, 0, '-0'],
    [1.5, 0, '2'],
    [2.5, 0, '2'],
    [1.005, 2, '1.00'],
    [-0, 2, '-0.00'],
    [1e22, 2, '10000000000000000000000.00'],
    [Infinity, 2, 'inf'],
    [-Infinity, 2, '-inf'],
    [Number.NaN, 2, 'nan'],
  ])('writes %d with %d decimals as %s', (value, decimals, text) => {
    expect(formatFixed(value, decimals)).toBe(text);
  });
});

describe('formatNumber', () => {
  it.each([
    [3, '3'],
    [0.5, '0.5'],
    [1e21, '1000000000000000000000'],
    [0.00001, '1e-05'],
    [0.0001, '0.0001'],
    [1.5e-10, '1.5e-10'],
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('writes integers that Python holds as floats with a point', () => {
    expect(formatNumber(2, true)).toBe('2.0');
    expect(formatNumber(1e16, true)).toBe('1e+16');
    expect(formatNumber(-0, true)).toBe('-0.0');
  });
});
