import type { BlobData } from '../backends';
import { coalesce } from '../backends/coalesce';

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
