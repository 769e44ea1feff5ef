import { ByteReader, Malformed } from '../bytes';

/** The greatest number of bytes that one byte of a snappy element expands to: a 3-byte copy yields 64 bytes. */
const GREATEST_RATIO = 64 / 3;

const littleEndian = (bytes: Uint8Array): number =>
  bytes.reduceRight((value, byte) => value * 256 + byte, 0);

/** Decodes one element into `into` at `at` and returns the next position. */
const element = (reader: ByteReader, into: Uint8Array, at: number): number => {
  const tag = reader.uint8();
  const kind = tag & 3;
  if (kind === 0) {
    const inline = tag >>> 2;
    const length = (inline < 60 ? inline : littleEndian(reader.take(inline - 59))) + 1;
    const literal = reader.take(length);
    if (length > into.length - at)
      throw new Malformed(`${into.length} bytes of snappy data`, 'more');
    into.set(literal, at);
    return at + length;
  }
  const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
  const offset =
    kind === 1 ? (tag >>> 5) * 256 + reader.uint8() : littleEndian(reader.take(kind === 2 ? 2 : 4));
  if (offset === 0 || offset > at)
    throw new Malformed(`a snappy offset of 1 to ${at}`, `${offset}`);
  if (length > into.length - at) throw new Malformed(`${into.length} bytes of snappy data`, 'more');
  // Byte by byte, because the source may overlap the destination.
  for (let index = 0; index < length; index++) into[at + index] = into[at + index - offset] ?? 0;
  return at + length;
};

/**
 * Uncompresses a raw snappy block. Source: snappy's `format_description.txt`.
 *
 * @throws Malformed if the block is not valid, before more memory is allocated than the block can fill
 */
export const uncompressSnappy = (compressed: Uint8Array): Uint8Array => {
  const reader = new ByteReader(compressed);
  const length = reader.varint();
  if (length > Math.ceil(compressed.length * GREATEST_RATIO)) {
    throw new Malformed('a snappy length that the block can fill', `${length}`);
  }
  const plain = new Uint8Array(length);
  let at = 0;
  while (reader.remaining > 0) at = element(reader, plain, at);
  if (at !== length) throw new Malformed(`${length} bytes of snappy data`, `${at}`);
  return plain;
};
