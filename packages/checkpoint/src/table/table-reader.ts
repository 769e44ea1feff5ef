import { maskedCrc32c } from '@elistimator/protos';
import { ByteReader, compareBytes, hex32, Malformed } from '../bytes';
import { uncompressSnappy } from './snappy';
import {
  type BlockHandle,
  Compression,
  FOOTER_LENGTH,
  readFooter,
  readHandle,
  type TableEntry,
  TRAILER_LENGTH,
} from './table-format';

/**
 * Keys are prefix-compressed, so a small table can expand to very long keys. All keys together may have this many
 * bytes per byte of the table; real tables have fewer than 10.
 */
const KEY_RATIO = 64;
const KEY_ALLOWANCE = 1 << 20;

const readBlock = (table: Uint8Array, { offset, size }: BlockHandle): Uint8Array => {
  const end = table.length - FOOTER_LENGTH;
  if (offset + size + TRAILER_LENGTH > end) {
    throw new Malformed(
      `a block that ends before byte ${end}`,
      `byte ${offset + size + TRAILER_LENGTH}`,
    );
  }
  const stored = table.subarray(offset, offset + size + 1);
  const recorded = new ByteReader(table, offset + size + 1).uint32();
  const computed = maskedCrc32c(stored);
  if (recorded !== computed)
    throw new Malformed(`checksum ${hex32(recorded)} of the block at ${offset}`, hex32(computed));
  const type = stored[size];
  if (type === Compression.none) return stored.subarray(0, size);
  if (type === Compression.snappy) return uncompressSnappy(stored.subarray(0, size));
  throw new Malformed('a block type of 0 (uncompressed) or 1 (snappy)', `${type}`);
};

/**
 * The entries of an uncompressed block, in stored order. Source: TensorFlow's `block.cc`.
 *
 * @throws Malformed if a length exceeds the block
 */
function* blockEntries(block: Uint8Array): Generator<TableEntry> {
  if (block.length < 4) throw new Malformed('a block of at least 4 bytes', `${block.length} bytes`);
  const restarts = new ByteReader(block, block.length - 4).uint32();
  const end = block.length - 4 - 4 * restarts;
  if (restarts < 1 || end < 0)
    throw new Malformed('restart points inside the block', `${restarts} restart points`);
  const reader = new ByteReader(block.subarray(0, end));
  let key: Uint8Array = new Uint8Array();
  while (reader.remaining > 0) {
    const shared = reader.varint();
    const unshared = reader.varint();
    const valueLength = reader.varint();
    if (shared > key.length) {
      throw new Malformed(
        `a key that shares at most ${key.length} bytes with the previous one`,
        `${shared} bytes`,
      );
    }
    const suffix = reader.take(unshared);
    const next = new Uint8Array(shared + unshared);
    next.set(key.subarray(0, shared));
    next.set(suffix, shared);
    key = next;
    yield [key, reader.take(valueLength)];
  }
}

/**
 * The entries of a table in ascending order of keys. Each block's checksum is verified before its entries are read.
 *
 * @param table the contents of the file. Additional memory is bounded: values are views of it (or of an uncompressed
 *   block, at most 22 times its stored length); all keys together take at most 64 times its length plus 1 MiB.
 * @throws Malformed if the table violates its format
 */
export function* readTable(table: Uint8Array): Generator<TableEntry> {
  const footer = readFooter(table);
  readBlock(table, footer.metaindex);
  let allowance = table.length * KEY_RATIO + KEY_ALLOWANCE;
  let previous: Uint8Array | undefined;
  for (const [lastKey, handle] of blockEntries(readBlock(table, footer.index))) {
    for (const entry of blockEntries(readBlock(table, readHandle(new ByteReader(handle))))) {
      const [key] = entry;
      if (previous !== undefined && compareBytes(previous, key) >= 0)
        throw new Malformed('keys in ascending order', 'a key that is not after the previous one');
      allowance -= key.length;
      if (allowance < 0) throw new Malformed('keys in proportion to the table', 'much longer keys');
      previous = key;
      yield entry;
    }
    if (previous !== undefined && compareBytes(previous, lastKey) > 0)
      throw new Malformed('a block that ends at its index key', 'a greater key');
  }
}
