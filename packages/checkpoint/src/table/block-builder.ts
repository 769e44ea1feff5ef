import { ByteWriter } from '../bytes/byte-writer';
import type { TableEntry } from './table-format';

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
