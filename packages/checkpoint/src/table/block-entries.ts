import { ByteReader } from '../bytes/byte-reader';
import { Malformed } from '../bytes/malformed';
import type { TableEntry } from './table-format';

/**
 * The entries of one uncompressed block, in its own order. Source: TensorFlow's `block.cc`.
 *
 * @throws Malformed when lengths lead out of the block
 */
export function* blockEntries(block: Uint8Array): Generator<TableEntry> {
  if (block.length < 4) throw new Malformed('a block of at least 4 bytes', `${block.length} bytes`);
  const restarts = new ByteReader(block, block.length - 4).uint32();
  const end = block.length - 4 - 4 * restarts;
  if (restarts < 1 || end < 0)
    throw new Malformed('restart points within the block', `${restarts}`);
  const reader = new ByteReader(block.subarray(0, end));
  let key: Uint8Array = new Uint8Array();
  while (reader.remaining > 0) {
    const shared = reader.varint();
    const unshared = reader.varint();
    const valueLength = reader.varint();
    if (shared > key.length) {
      throw new Malformed(
        `a key that shares at most ${key.length} bytes with the last`,
        `${shared}`,
      );
    }
    const tail = reader.take(unshared);
    const next = new Uint8Array(shared + unshared);
    next.set(key.subarray(0, shared));
    next.set(tail, shared);
    key = next;
    yield [key, reader.take(valueLength)];
  }
}
