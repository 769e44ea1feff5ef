import type { BlobData } from './checkpoint-backend';

/**
 * Gathers small parts into buffers of `length` bytes, so that thousands of scalars are one write; parts of
 * at least that length, and bytes handed over at once, go through as they are.
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
      // The reader may still hold the last one.
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

/** Cuts and joins the parts of a blob to `length` bytes each; the last one may be shorter. */
export async function* inParts(data: BlobData, length: number): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let filled = 0;
  for await (const chunk of coalesce(data)) {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + length - filled);
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
