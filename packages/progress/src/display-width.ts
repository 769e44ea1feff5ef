import { eastAsianWidth } from 'get-east-asian-width';

const ESCAPE = '\u001b';
const RESET = `${ESCAPE}[0m`;
const ansiSequences = () => new RegExp(`${ESCAPE}\\[[;\\d]*[A-Za-z]`, 'g');

/**
 * Columns that a text takes on a terminal, counted as tqdm counts them: wide and fullwidth
 * characters take two, ANSI sequences none, everything else one, combining characters included.
 * Source: `disp_len` in tqdm's `utils.py`.
 */
export const displayWidth = (text: string): number => {
  let width = 0;
  for (const character of text.replace(ansiSequences(), '')) {
    width += eastAsianWidth(character.codePointAt(0) ?? 0);
  }
  return width;
};

/**
 * Cuts a text to a number of columns, as tqdm does. A text with a colour left open is reset.
 * Source: `disp_trim` in tqdm's `utils.py`.
 */
export const trimToWidth = (text: string, width: number): string => {
  const characters = [...text];
  if (characters.length === displayWidth(text)) return characters.slice(0, width).join('');
  let trimmed = text;
  while (displayWidth(trimmed) > width) {
    characters.pop();
    trimmed = characters.join('');
  }
  const isColoured = ansiSequences().test(trimmed);
  return isColoured && !trimmed.endsWith(RESET) ? `${trimmed}${RESET}` : trimmed;
};
