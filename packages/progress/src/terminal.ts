import { eastAsianWidth } from 'get-east-asian-width';

/** The output of a reporter: `process.stderr`, or any other object that accepts text. */
export interface ProgressStream {
  /** True if the stream is a terminal, on which a line can be redrawn in place. */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal in columns. */
  readonly columns?: number | undefined;
  write(text: string, done?: (error?: Error | null) => void): unknown;
  once?(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Writes to a stream until the first failure, then ignores all further text: a closed pipe or
 * terminal must not end a training run.
 */
export class GuardedStream {
  #isBroken = false;

  constructor(private readonly stream: ProgressStream) {}

  get isBroken(): boolean {
    return this.#isBroken;
  }

  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  /** Width of the terminal; undefined if it is unknown or the stream is not a terminal. */
  get columns(): number | undefined {
    return this.isTerminal ? this.stream.columns : undefined;
  }

  write(text: string): void {
    if (this.#isBroken) return;
    try {
      this.stream.write(text, (error) => {
        if (error) this.#break();
      });
    } catch {
      this.#break();
    }
  }

  /** Node passes a failure to the callback, then emits it; without a listener that ends the process. */
  #break(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.stream.once?.('error', () => {});
  }
}

export class StatusLine {
  #text = '';

  constructor(private readonly output: GuardedStream) {}

  /** Replaces the text of the line; spaces overwrite the rest of a longer text. */
  draw(text: string): void {
    const leftover = displayWidth(this.#text) - displayWidth(text);
    this.output.write(`\r${text}${' '.repeat(Math.max(0, leftover))}`);
    this.#text = text;
  }

  /**
   * Blanks the line and moves to its start.
   *
   * @returns the previous text
   */
  clear(): string {
    const previous = this.#text;
    this.draw('');
    this.output.write('\r');
    return previous;
  }

  /** Keeps the line and moves to the next one. */
  finish(): void {
    this.output.write('\n');
    this.#text = '';
  }
}

const ESCAPE = '\u001b';
const RESET = `${ESCAPE}[0m`;
const ansiSequences = () => new RegExp(`${ESCAPE}\\[[;\\d]*[A-Za-z]`, 'g');

/**
 * The number of columns that a text takes, counted as tqdm does: 2 for wide and fullwidth
 * characters, 0 for ANSI sequences, 1 for all other characters, including combining ones.
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
 * Cuts a text off at a number of columns, as tqdm does, and resets a colour that is still active.
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
