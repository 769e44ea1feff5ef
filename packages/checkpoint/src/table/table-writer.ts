import { maskedCrc32c } from '@elistimator/protos';
import { ByteWriter } from '../bytes';
import {
  type BlockHandle,
  Compression,
  type TableEntry,
  writeFooter,
  writeHandle,
} from './table-format';

const sharedLength = (left: Uint8Array, right: Uint8Array): number => {
  const most = Math.min(left.length, right.length);
  let shared = 0;
  while (shared < most && left[shared] === right[shared]) shared++;
  return shared;
};

/**
 * Builds one block of a table. Keys omit the prefix that they share with the previous key, except at restart points.
 * Source: TensorFlow's `block_builder.cc`.
 */
export class BlockBuilder {
  readonly #restartInterval: number;
  readonly #writer = new ByteWriter();
  readonly #restarts: number[] = [0];
  #lastKey: Uint8Array = new Uint8Array();
  #sinceRestart = 0;
  #count = 0;

  constructor(restartInterval: number) {
    this.#restartInterval = restartInterval;
  }

  get count(): number {
    return this.#count;
  }

  get lastKey(): Uint8Array {
    return this.#lastKey;
  }

  /** The length of the block if it were finished now, in bytes. */
  get length(): number {
    return this.#writer.length + 4 * this.#restarts.length + 4;
  }

  /** @param entry with a key greater than all previous keys */
  add([key, value]: TableEntry): void {
    if (this.#sinceRestart === this.#restartInterval) {
      this.#restarts.push(this.#writer.length);
      this.#sinceRestart = 0;
    }
    const shared = this.#sinceRestart === 0 ? 0 : sharedLength(this.#lastKey, key);
    this.#writer
      .varint(shared)
      .varint(key.length - shared)
      .varint(value.length);
    this.#writer.push(key.subarray(shared)).push(value);
    this.#lastKey = key;
    this.#sinceRestart++;
    this.#count++;
  }

  finish(): Uint8Array {
    for (const restart of this.#restarts) this.#writer.uint32(restart);
    return this.#writer.uint32(this.#restarts.length).bytes();
  }
}

/** A data block is closed once it has this many bytes, as in TensorFlow. */
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
 * Writes a table in the format of a checkpoint's index: uncompressed blocks of prefix-compressed entries, an empty
 * metaindex, an index of the blocks, a footer. A block's index key is its last key. Source: TensorFlow's
 * `table_builder.cc`.
 *
 * @param entries in ascending order of their keys' bytes
 * @param options.blockLength the number of bytes at which a block is closed. Default: 262,144, as in TensorFlow.
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
