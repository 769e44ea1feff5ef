import type { EventFile } from './event-file';
import { RECORD_OVERHEAD_BYTES } from './record-framing';

/** A part of what is written, in a file of its own. */
interface Part {
  readonly file: EventFile;
  /** Where the part starts in all that is written, and where its file's own first record ends. */
  readonly start: number;
  readonly headerBytes: number;
}

interface Piece {
  readonly part: number;
  readonly file: EventFile;
  readonly bytes: Uint8Array;
  readonly position: number;
}

/** Bytes of the record at `at`, framing included. */
const recordSize = (bytes: Uint8Array, at: number): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32 + RECORD_OVERHEAD_BYTES;
};

/**
 * Spreads records over files of bounded size. It takes positions in all that is written, as one
 * file would; writing the same bytes again goes to the same places. Bytes come in whole records.
 */
export class RotatingFile implements EventFile {
  readonly #parts: Part[];
  /** Behind the last byte that has its place. */
  #end = 0;
  #closing: Promise<void>[] = [];

  /**
   * @param first an empty file
   * @param maxBytes a file grows larger only by a single record that is
   * @param header what each file but the first starts with, framed
   * @param next creates the file of a number, from 1 on
   */
  constructor(
    first: EventFile,
    private readonly maxBytes: number,
    private readonly header: Uint8Array,
    private readonly next: (number: number) => EventFile,
  ) {
    this.#parts = [{ file: first, start: 0, headerBytes: 0 }];
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (const piece of this.#place(bytes, position)) {
      await piece.file.write(piece.bytes, piece.position);
    }
    this.#closeFull(position);
  }

  writeSync(bytes: Uint8Array, position: number): void {
    for (const { part, file, ...piece } of this.#place(bytes, position)) {
      // What went to a closed file was confirmed, and need not be written again.
      if (part >= this.#closing.length) file.writeSync(piece.bytes, piece.position);
    }
  }

  async close(): Promise<void> {
    this.#closeFull(Infinity);
    await Promise.all(this.#closing);
  }

  /** Cuts bytes where files begin. */
  #place(bytes: Uint8Array, position: number): Piece[] {
    const end = position + bytes.length;
    if (end > this.#end) this.#plan(bytes, position);
    return this.#parts.flatMap(({ file, start, headerBytes }, i) => {
      const from = Math.max(position, start);
      const to = Math.min(end, this.#parts[i + 1]?.start ?? Infinity);
      if (from >= to) return [];
      const piece = bytes.subarray(from - position, to - position);
      return [{ part: i, file, bytes: piece, position: from - start + headerBytes }];
    });
  }

  /** Begins a file wherever a record would make the present one too large. */
  #plan(bytes: Uint8Array, position: number): void {
    for (let at = this.#end - position; at < bytes.length; ) {
      const size = recordSize(bytes, at);
      const last = this.#parts.at(-1);
      const written = last ? position + at - last.start : 0;
      if (last && written > 0 && written + last.headerBytes + size > this.maxBytes) {
        this.#begin(position + at);
      }
      at += size;
      this.#end = position + at;
    }
  }

  #begin(start: number): void {
    const file = this.next(this.#parts.length);
    file.writeSync(this.header, 0);
    this.#parts.push({ file, start, headerBytes: this.header.length });
  }

  /** Closes files that end before a position: what lies there was confirmed. */
  #closeFull(position: number): void {
    const { length: closed } = this.#closing;
    const full = this.#parts.filter(
      (_, i) => (this.#parts[i + 1]?.start ?? Number.MAX_SAFE_INTEGER) <= position,
    );
    for (const { file } of full.slice(closed)) {
      const closing = file.close();
      // It surfaces when all is closed.
      closing.catch(() => {});
      this.#closing.push(closing);
    }
  }
}
