import { maskedCrc32c } from '@elistimator/protos';
import { ByteWriter } from '../bytes';
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

const sharedLength = (left: Uint8Array, right: Uint8Array): number => {
  const most = Math.min(left.length, right.length);
  let shared = 0;
  while (shared < most && left[shared] === right[shared]) shared++;
  return shared;
};

/**
 * Builds one block of a table: entries whose keys drop what they share with the key before, with a
 * full key at every restart point. Source: TensorFlow's `block_builder.cc`.
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

  /** How long the block would be if it were finished now. */
  get length(): number {
    return this.#writer.length + 4 * this.#restarts.length + 4;
  }

  /** @param entry its key greater than every key before it */
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
