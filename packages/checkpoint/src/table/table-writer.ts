import { maskedCrc32c } from '@elistimator/protos';
import { ByteWriter } from '../bytes/byte-writer';
import { BlockBuilder } from './block-builder';
import {
  type BlockHandle,
  Compression,
  type TableEntry,
  writeFooter,
  writeHandle,
} from './table-format';

/** TensorFlow's own: a data block is closed once it is this long. */
const BLOCK_LENGTH = 262_144;
const RESTART_INTERVAL = 16;

const writeBlock = (writer: ByteWriter, contents: Uint8Array): BlockHandle => {
  const handle = { offset: writer.length, size: contents.length };
  const stored = new Uint8Array(contents.length + 1);
  stored.set(contents);
  stored[contents.length] = Compression.none;
  writer.push(stored).uint32(maskedCrc32c(stored));
  return handle;
};

/**
 * Writes a table as TensorFlow writes a checkpoint's index: uncompressed blocks of prefix-compressed
 * entries, an empty metaindex, an index of the blocks, a footer. Source: TensorFlow's `table_builder.cc`;
 * as there, a block's index key is any key from its last up to the next block's first: here its last.
 *
 * @param entries in ascending order of their keys' bytes
 * @param options.blockLength bytes at which a block is closed; TensorFlow's 262,144 by default
 */
export const writeTable = (
  entries: Iterable<TableEntry>,
  options: { readonly blockLength?: number } = {},
): Uint8Array => {
  const blockLength = options.blockLength ?? BLOCK_LENGTH;
  const writer = new ByteWriter();
  const index = new BlockBuilder(1);
  let block = new BlockBuilder(RESTART_INTERVAL);
  const close = () => {
    const handle = writeBlock(writer, block.finish());
    index.add([block.lastKey, writeHandle(new ByteWriter(), handle).bytes()]);
    block = new BlockBuilder(RESTART_INTERVAL);
  };
  for (const entry of entries) {
    block.add(entry);
    if (block.length >= blockLength) close();
  }
  if (block.count > 0) close();
  const metaindex = writeBlock(writer, new BlockBuilder(1).finish());
  const footer = { metaindex, index: writeBlock(writer, index.finish()) };
  return writeFooter(writer, footer).bytes();
};
