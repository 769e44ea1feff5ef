import { type FileHandle, open } from 'node:fs/promises';
import { maskedCrc32c } from '@elistimator/protos';
import { CorruptEventFileError } from './errors';
import { isHeaderSound, RECORD_FOOTER_BYTES, RECORD_HEADER_BYTES } from './record-framing';

/** A record's payload and where the record starts. */
export interface EventRecord {
  readonly path: string;
  readonly payload: Uint8Array;
  readonly offset: number;
}

const READ_BYTES = 1 << 16;

/** Bytes of a file in order, read in large pieces. */
class ByteSource {
  #bytes = new Uint8Array();

  constructor(private readonly handle: FileHandle) {}

  /** The next `count` bytes without consuming them; undefined when the file has fewer. */
  async peek(count: number): Promise<Uint8Array | undefined> {
    while (this.#bytes.length < count) {
      const piece = new Uint8Array(Math.max(READ_BYTES, this.#bytes.length));
      const { bytesRead } = await this.handle.read(piece);
      if (bytesRead === 0) return undefined;
      const joined = new Uint8Array(this.#bytes.length + bytesRead);
      joined.set(this.#bytes);
      joined.set(piece.subarray(0, bytesRead), this.#bytes.length);
      this.#bytes = joined;
    }
    return this.#bytes.subarray(0, count);
  }

  skip(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
  }
}

/** Reads the records of a file one by one, and goes on where the file has grown. */
export class RecordReader {
  readonly #source: ByteSource;
  #offset = 0;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {
    this.#source = new ByteSource(handle);
  }

  static async open(path: string): Promise<RecordReader> {
    return new RecordReader(path, await open(path));
  }

  /**
   * The next record; undefined where none is whole yet, as a writer may still be at it. Then it may
   * be asked for again.
   *
   * @throws CorruptEventFileError at a record whose checksums are wrong
   */
  async next(): Promise<EventRecord | undefined> {
    const header = await this.#source.peek(RECORD_HEADER_BYTES);
    if (!header) return undefined;
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    if (!isHeaderSound(view)) throw this.#corrupt('a length whose checksum is wrong');
    const length = Number(view.getBigUint64(0, true));
    const size = RECORD_HEADER_BYTES + length + RECORD_FOOTER_BYTES;
    const record = await this.#source.peek(size);
    if (!record) return undefined;
    const payload = record.slice(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length);
    const footer = new DataView(record.buffer, record.byteOffset + size - RECORD_FOOTER_BYTES);
    if (maskedCrc32c(payload) !== footer.getUint32(0, true)) {
      throw this.#corrupt('data whose checksum is wrong');
    }
    this.#source.skip(size);
    const offset = this.#offset;
    this.#offset += size;
    return { path: this.path, payload, offset };
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  #corrupt(problem: string): CorruptEventFileError {
    return new CorruptEventFileError(this.path, this.#offset, problem);
  }
}

/**
 * Reads the records of a file. A record that is cut off at the end of the file ends the reading.
 *
 * @throws CorruptEventFileError at a record whose checksums are wrong
 */
export async function* readRecords(path: string): AsyncGenerator<EventRecord, void, undefined> {
  const reader = await RecordReader.open(path);
  try {
    for (let record = await reader.next(); record; record = await reader.next()) yield record;
  } finally {
    await reader.close();
  }
}
