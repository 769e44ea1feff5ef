/**
 * Bytes that do not follow their format. Decoders throw it without knowing which file they read; callers that
 * know turn it into a CorruptCheckpointError, so it never leaves this package.
 */
export class Malformed extends Error {
  readonly expected: string;
  readonly actual: string;

  constructor(expected: string, actual: string) {
    super(`expected ${expected}, got ${actual}`);
    this.expected = expected;
    this.actual = actual;
  }
}

/** Formats a 32-bit checksum for error messages: `0x8a9136aa`. */
export const hex32 = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/** Reads little-endian values from front to back, never past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
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

  /** A base-128 varint up to 2^53 - 1, as in protobuf and LevelDB. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < 8; index++) {
      const byte = this.uint8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        // Writers never pad varints, so a zero as the last byte is damage.
        if (value > Number.MAX_SAFE_INTEGER || (byte === 0 && index > 0)) break;
        return value;
      }
      scale *= 128;
    }
    throw new Malformed('a varint below 2^53 without padding', 'a longer or padded one');
  }
}

/** Collects little-endian values in a buffer that grows as needed. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array | readonly number[]): this {
    const end = this.#length + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = end;
    return this;
  }

  uint32(value: number): this {
    return this.push([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
  }

  uint64(value: number): this {
    return this.uint32(value % 2 ** 32).uint32(Math.floor(value / 2 ** 32));
  }

  /** A base-128 varint, as in protobuf and LevelDB. */
  varint(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 0x80) {
      bytes.push((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
    return this.push(bytes);
  }

  /** The collected bytes, as a view that is valid until the next `push`. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/**
 * Compares byte strings in the order of TensorFlow's tables: byte by byte, and a prefix before longer strings.
 *
 * @returns a negative number, zero or a positive number, for `Array.prototype.sort`
 */
export const compareBytes = (left: Uint8Array, right: Uint8Array): number => {
  const common = Math.min(left.length, right.length);
  for (let at = 0; at < common; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

/** Sorts strings in place by their UTF-8 bytes; UTF-16 order differs for characters beyond U+FFFF. */
export const sortByUtf8 = (names: string[]): string[] =>
  names.some((name) => /[\ud800-\udfff]/.test(name))
    ? names.sort((left, right) => compareBytes(Buffer.from(left), Buffer.from(right)))
    : names.sort();
