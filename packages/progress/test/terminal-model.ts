import { eastAsianWidth } from 'get-east-asian-width';
import type { ProgressStream } from '../src/terminal';

/** A terminal that interprets text, `\r` and `\n`, and wraps at its right edge. */
export class TerminalModel implements ProgressStream {
  readonly isTTY = true;
  /** All text written, unchanged. */
  written = '';
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(readonly columns = 80) {}

  write(text: string): void {
    this.written += text;
    for (const character of text) this.#put(character);
  }

  /** The lines of the screen, without trailing spaces. */
  get screen(): string[] {
    return this.#lines.map((cells) => cells.join('').trimEnd());
  }

  #put(character: string): void {
    if (character === '\r') {
      this.#column = 0;
      return;
    }
    const width = eastAsianWidth(character.codePointAt(0) ?? 0);
    if (character === '\n' || this.#column + width > this.columns) {
      this.#row += 1;
      this.#column = 0;
      this.#lines[this.#row] ??= [];
    }
    if (character === '\n') return;
    const cells = this.#lines[this.#row] ?? [];
    while (cells.length < this.#column) cells.push(' ');
    cells[this.#column] = character;
    if (width === 2) cells[this.#column + 1] = '';
    this.#column += width;
  }
}
