import { type FileHandle, open } from 'node:fs/promises';
import { maskedCrc32c } from '@elistimator/protos';
import { CorruptEventFileError } from '../errors';
import { isHeaderIntact, RECORD_FOOTER_BYTES, RECORD_HEADER_BYTES } from './framing';

export interface EventRecord {
  readonly path: string;
  readonly payload: Uint8Array;
  readonly offset: number;
}

const READ_BYTES = 1 << 16;

class ByteSource {
  #bytes = new Uint8Array();

  constructor(private readonly handle: FileHandle) {}

  /** Returns the next `count` bytes without consuming them; undefined if the file has fewer. */
  async peek(count: number): Promise<Uint8Array | undefined> {
    while (this.#bytes.length < count) {
      const chunk = new Uint8Array(Math.max(READ_BYTES, this.#bytes.length));
      const { bytesRead } = await this.handle.read(chunk);
      if (bytesRead === 0) return undefined;
      const joined = new Uint8Array(this.#bytes.length + bytesRead);
      joined.set(this.#bytes);
      joined.set(chunk.subarray(0, bytesRead), this.#bytes.length);
      this.#bytes = joined;
    }
    return this.#bytes.subarray(0, count);
  }

  skip(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
  }
}

/** Reads the records of a file one by one, including records appended while it is open. */
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
   * Reads the next record. If the file does not hold it completely, because a writer may still append
   * to it, the result is undefined and the call can be repeated later.
   *
   * @throws CorruptEventFileError if a checksum of the record is wrong
   */
  async next(): Promise<EventRecord | undefined> {
    const header = await this.#source.peek(RECORD_HEADER_BYTES);
    if (!header) return undefined;
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    if (!isHeaderIntact(view)) throw this.#corrupt('a length with a wrong checksum');
    const length = Number(view.getBigUint64(0, true));
    const size = RECORD_HEADER_BYTES + length + RECORD_FOOTER_BYTES;
    const record = await this.#source.peek(size);
    if (!record) return undefined;
    const payload = record.slice(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length);
    const footer = new DataView(record.buffer, record.byteOffset + size - RECORD_FOOTER_BYTES);
    if (maskedCrc32c(payload) !== footer.getUint32(0, true)) {
      throw this.#corrupt('data with a wrong checksum');
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
 * Reads the records of a file up to its end, or up to an incomplete last record.
 *
 * @throws CorruptEventFileError if a checksum of a record is wrong
 */
export async function* readRecords(path: string): AsyncGenerator<EventRecord, void, undefined> {
  const reader = await RecordReader.open(path);
  try {
    for (let record = await reader.next(); record; record = await reader.next()) yield record;
  } finally {
    await reader.close();
  }
}
