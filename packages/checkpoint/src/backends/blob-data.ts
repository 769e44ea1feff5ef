import type { BlobData } from './checkpoint-backend';

/**
 * Joins small parts into buffers of at most `length` bytes, so that thousands of scalars become one write. Longer
 * parts, and data that is a single array, are passed on unchanged.
 */
export async function* coalesce(data: BlobData, length = 1 << 18): AsyncGenerator<Uint8Array> {
  if (data instanceof Uint8Array) {
    yield data;
    return;
  }
  let buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  for await (const part of data) {
    if (filled > 0 && filled + part.length > length) {
      yield buffer.subarray(0, filled);
      // The consumer may still use the previous buffer.
      buffer = Buffer.allocUnsafeSlow(length);
      filled = 0;
    }
    if (part.length >= length) {
      yield part;
    } else {
      buffer.set(part, filled);
      filled += part.length;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

/** Splits and joins the parts of a blob so that each has `length` bytes; the last one may be shorter. */
export async function* rechunk(data: BlobData, length: number): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let filled = 0;
  for await (const part of coalesce(data)) {
    for (let at = 0; at < part.length; ) {
      const piece = part.subarray(at, at + length - filled);
      pieces.push(piece);
      filled += piece.length;
      at += piece.length;
      if (filled === length) {
        yield pieces.length === 1 ? piece : Buffer.concat(pieces);
        pieces = [];
        filled = 0;
      }
    }
  }
  if (filled > 0) yield Buffer.concat(pieces);
}
