import { describe, expect, it } from 'vitest';
import { formatInterval } from './format-interval';

describe('formatInterval', () => {
  it.each([
    [0, '00:00'],
    [59.99, '00:59'],
    [61, '01:01'],
    [3600, '1:00:00'],
    [360_000, '100:00:00'],
    [-61, '-01:01'],
    [1e19, '2777777777777777:46:40'],
    [Infinity, '?'],
  ])('writes %d s as %s', (seconds, text) => {
    expect(formatInterval(seconds)).toBe(text);
  });
});
