import { displayWidth } from './display-width';
import type { GuardedStream } from './guarded-stream';

/** One line of a terminal that is redrawn in place. */
export class StatusLine {
  #text = '';

  constructor(private readonly output: GuardedStream) {}

  /** Replaces what stands on the line; spaces cover what a longer text left behind. */
  draw(text: string): void {
    const leftover = displayWidth(this.#text) - displayWidth(text);
    this.output.write(`\r${text}${' '.repeat(Math.max(0, leftover))}`);
    this.#text = text;
  }

  /**
   * Blanks the line and goes to its start, for something else to stand there.
   *
   * @returns what stood there
   */
  clear(): string {
    const cleared = this.#text;
    this.draw('');
    this.output.write('\r');
    return cleared;
  }

  /** Leaves the line standing and moves to the next. */
  finish(): void {
    this.output.write('\n');
    this.#text = '';
  }
}
