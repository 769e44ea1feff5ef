import type { ByteQueue } from './background-writer';

/** Lines of text on their way to a file. */
export class LineQueue implements ByteQueue {
  #lines: string[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param line without its end */
  append(line: string): void {
    this.#lines.push(line);
    this.#size += Buffer.byteLength(line) + 1;
  }

  take(): Uint8Array[] {
    if (this.#lines.length === 0) return [];
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    this.#size = 0;
    return [Buffer.from(text)];
  }
}
