import { RECORD_OVERHEAD_BYTES } from '../records/framing';
import type { EventFile } from './event-file';

/** One of the files, which holds a range of the stream of bytes. */
interface FilePart {
  readonly file: EventFile;
  /** Position in the stream of the first byte of this file. */
  readonly start: number;
  /** Number of bytes before the range, which hold the header of the file. */
  readonly headerBytes: number;
}

interface FileWrite {
  readonly part: number;
  readonly file: EventFile;
  readonly bytes: Uint8Array;
  readonly position: number;
}

const recordSize = (bytes: Uint8Array, at: number): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32 + RECORD_OVERHEAD_BYTES;
};

/**
 * Distributes records over files of limited size. Positions refer to the stream of all bytes, as if
 * there were one file; a repeated write goes to the same files. Each write must hold complete records.
 */
export class RotatingFile implements EventFile {
  readonly #parts: FilePart[];
  /** End of the bytes that are assigned to files. */
  #end = 0;
  #closing: Promise<void>[] = [];

  /**
   * @param first an empty file
   * @param maxBytes size limit, which a file exceeds only if it holds a single larger record
   * @param header framed record at the start of each file except the first
   * @param createNext creates the file with a given number, starting at 1
   */
  constructor(
    first: EventFile,
    private readonly maxBytes: number,
    private readonly header: Uint8Array,
    private readonly createNext: (number: number) => EventFile,
  ) {
    this.#parts = [{ file: first, start: 0, headerBytes: 0 }];
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (const { file, ...write } of this.#split(bytes, position)) {
      await file.write(write.bytes, write.position);
    }
    this.#closeFull(position);
  }

  writeSync(bytes: Uint8Array, position: number): void {
    for (const { part, file, ...write } of this.#split(bytes, position)) {
      // A closed file is complete, so its bytes need not be written again.
      if (part >= this.#closing.length) file.writeSync(write.bytes, write.position);
    }
  }

  async close(): Promise<void> {
    this.#closeFull(Infinity);
    await Promise.all(this.#closing);
  }

  #split(bytes: Uint8Array, position: number): FileWrite[] {
    const end = position + bytes.length;
    if (end > this.#end) this.#assign(bytes, position);
    return this.#parts.flatMap(({ file, start, headerBytes }, i) => {
      const from = Math.max(position, start);
      const to = Math.min(end, this.#parts[i + 1]?.start ?? Infinity);
      if (from >= to) return [];
      const part = bytes.subarray(from - position, to - position);
      return [{ part: i, file, bytes: part, position: from - start + headerBytes }];
    });
  }

  /** Assigns new bytes to files, and creates a file whenever a record would exceed the size limit. */
  #assign(bytes: Uint8Array, position: number): void {
    for (let at = this.#end - position; at < bytes.length; ) {
      const size = recordSize(bytes, at);
      const last = this.#parts.at(-1);
      const written = last ? position + at - last.start : 0;
      if (last && written > 0 && written + last.headerBytes + size > this.maxBytes) {
        this.#startFile(position + at);
      }
      at += size;
      this.#end = position + at;
    }
  }

  #startFile(start: number): void {
    const file = this.createNext(this.#parts.length);
    file.writeSync(this.header, 0);
    this.#parts.push({ file, start, headerBytes: this.header.length });
  }

  /** Closes the files that end before a position, all of whose bytes are written. */
  #closeFull(position: number): void {
    const full = this.#parts.filter(
      (_, i) => (this.#parts[i + 1]?.start ?? Number.MAX_SAFE_INTEGER) <= position,
    );
    for (const { file } of full.slice(this.#closing.length)) {
      const closing = file.close();
      // `close` throws the error.
      closing.catch(() => {});
      this.#closing.push(closing);
    }
  }
}
