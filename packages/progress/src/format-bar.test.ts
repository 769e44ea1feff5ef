import { describe, expect, it } from 'vitest';
import { formatBar } from './format-bar';

describe('formatBar', () => {
  it.each([
    [0, '    '],
    [1 / 32, '▏   '],
    [0.5, '██  '],
    [0.99, '███▉'],
    [1, '████'],
    [1.2, '████'],
    [-1, '    '],
  ])('draws %d as %j', (fraction, bar) => {
    expect(formatBar(fraction, 4)).toBe(bar);
  });
});
