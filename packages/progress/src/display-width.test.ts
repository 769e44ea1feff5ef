import { describe, expect, it } from 'vitest';
import { displayWidth, trimToWidth } from './display-width';

const red = (text: string) => `\u001b[31m${text}\u001b[0m`;

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['訓練', 4],
    ['ｱｲｳ', 3],
    ['ＡＢ', 4],
    ['🚀', 2],
    ['e\u0301', 2],
    [red('abc'), 3],
  ])('counts %j as %d columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('trimToWidth', () => {
  it('never splits a wide character', () => {
    expect(trimToWidth('訓練中', 5)).toBe('訓練');
  });

  it('resets a colour that it cuts open', () => {
    expect(trimToWidth(red('abcdef'), 3)).toBe(red('abc'));
  });
});
