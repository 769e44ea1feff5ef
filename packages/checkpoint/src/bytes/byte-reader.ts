import { Malformed } from './malformed';

/** Reads little-endian pieces off some bytes, front to back, and never past their end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    if (length > this.remaining) {
      throw new Malformed(`${length} more bytes`, `${this.remaining}`);
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint8(): number {
    return this.take(1)[0] ?? 0;
  }

  uint32(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  }

  /** A base-128 varint, as protobuf and LevelDB write it; up to 2^53 - 1. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < 8; index++) {
      const byte = this.uint8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        // No writer pads: a zero at the end is a flipped bit.
        if (value > Number.MAX_SAFE_INTEGER || (byte === 0 && index > 0)) break;
        return value;
      }
      scale *= 128;
    }
    throw new Malformed('a varint below 2^53 without padding', 'another');
  }
}
