/** From empty over eighths of a block to full. */
const BLOCKS = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;

/**
 * Draws a bar whose last block shows eighths. Source: `Bar` in tqdm's `std.py`.
 *
 * @param fraction what is done; clamped to 0..1
 * @param width columns of the whole bar
 */
export const formatBar = (fraction: number, width: number): string => {
  const clamped = Math.min(1, Math.max(0, fraction));
  const eighths = Math.trunc(clamped * width * 8);
  const partial = BLOCKS[eighths % 8] ?? '';
  const full = BLOCKS[8].repeat(Math.floor(eighths / 8));
  return full.length < width ? `${full}${partial}`.padEnd(width) : full;
};
