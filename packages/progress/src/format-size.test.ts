import { describe, expect, it } from 'vitest';
import { formatSize } from './format-size';

describe('formatSize', () => {
  it.each([
    [0, '0.00'],
    [9.994, '9.99'],
    [9.995, '10.0'],
    [99.95, '100'],
    [999.5, '1.00k'],
    [12_345, '12.3k'],
    [1e6, '1.00M'],
    [1e27, '1000.0Y'],
  ])('writes %d as %s', (value, text) => {
    expect(formatSize(value, 1000)).toBe(text);
  });

  it('divides by what it is told', () => {
    expect(formatSize(2048, 1024)).toBe('2.00k');
  });
});
