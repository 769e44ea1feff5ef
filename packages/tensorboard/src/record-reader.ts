import { type FileHandle, open } from 'node:fs/promises';
import { maskedCrc32c } from '@elistimator/protos';
import { CorruptEventFileError } from './errors';
import { isHeaderSound, RECORD_FOOTER_BYTES, RECORD_HEADER_BYTES } from './record-framing';

/** A record's payload and where the record starts. */
export interface EventRecord {
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

/**
 * Reads the records of a file. A record that is cut off at the end of the file ends the reading: a
 * writer may still be at it.
 *
 * @throws CorruptEventFileError at a record whose checksums are wrong
 */
export async function* readRecords(path: string): AsyncGenerator<EventRecord, void, undefined> {
  const handle = await open(path);
  try {
    const source = new ByteSource(handle);
    for (let offset = 0; ; ) {
      const header = await source.peek(RECORD_HEADER_BYTES);
      if (!header) return;
      const view = new DataView(header.buffer, header.byteOffset, header.length);
      if (!isHeaderSound(view)) {
        throw new CorruptEventFileError(path, offset, 'a length whose checksum is wrong');
      }
      const length = Number(view.getBigUint64(0, true));
      const size = RECORD_HEADER_BYTES + length + RECORD_FOOTER_BYTES;
      const record = await source.peek(size);
      if (!record) return;
      const payload = record.slice(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length);
      const footer = new DataView(record.buffer, record.byteOffset + size - RECORD_FOOTER_BYTES);
      if (maskedCrc32c(payload) !== footer.getUint32(0, true)) {
        throw new CorruptEventFileError(path, offset, 'data whose checksum is wrong');
      }
      source.skip(size);
      yield { payload, offset };
      offset += size;
    }
  } finally {
    await handle.close();
  }
}
