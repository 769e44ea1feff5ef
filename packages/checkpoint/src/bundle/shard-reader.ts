import { BlobNotFoundError, CorruptCheckpointError } from '../errors';
import { type Location, shardName } from './bundle-files';
import type { Extent } from './bundle-index';

/** Tensors shorter than this are read together with the bytes that follow, in windows of WINDOW bytes. */
const SHORT = 1 << 16;
const WINDOW = 1 << 18;

interface Window {
  readonly name: string;
  readonly offset: number;
  readonly bytes: Promise<Uint8Array>;
}

/** Reads extents of a checkpoint's data files, after checking that the files are long enough. */
export class ShardReader {
  readonly #location: Location;
  readonly #shards: number;
  readonly #lengths = new Map<string, number | undefined>();
  #window: Window | undefined;

  constructor(location: Location, shards: number) {
    this.#location = location;
    this.#shards = shards;
  }

  /** The location of the data file that contains an extent. */
  fileOf({ shard }: Extent): string {
    return this.#location.backend.resolve(this.#nameOf(shard));
  }

  /** @throws CorruptCheckpointError if the data file ends before the extent does */
  async assertWithin(extent: Extent, tensor: string): Promise<void> {
    const length = await this.#lengthOf(this.#nameOf(extent.shard));
    if (length === undefined) {
      throw new CorruptCheckpointError(this.fileOf(extent), tensor, 'the data file', 'none');
    }
    if (extent.offset + extent.size > length) this.#fail(extent, tensor, length);
  }

  /**
   * Reads the bytes of an extent without verifying them. Their buffer is not shared.
   *
   * @throws CorruptCheckpointError if the data file is missing or too short
   */
  async read(extent: Extent, tensor: string): Promise<Uint8Array> {
    await this.assertWithin(extent, tensor);
    const { offset, size } = extent;
    const name = this.#nameOf(extent.shard);
    const bytes =
      size < SHORT ? await this.#readShort(name, extent) : await this.#fetch(name, offset, size);
    if (bytes.length !== size) this.#fail(extent, tensor, offset + bytes.length);
    return bytes;
  }

  async #readShort(name: string, { offset, size }: Extent): Promise<Uint8Array> {
    const current = this.#window;
    const end = offset + size;
    const fits =
      current?.name === name && current.offset <= offset && end <= current.offset + WINDOW;
    const window = fits ? current : { name, offset, bytes: this.#fetch(name, offset, WINDOW) };
    this.#window = window;
    const bytes = await window.bytes;
    return new Uint8Array(bytes.subarray(offset - window.offset, end - window.offset));
  }

  async #fetch(name: string, offset: number, length: number): Promise<Uint8Array> {
    const { backend } = this.#location;
    try {
      return await backend.read(name, { offset, length });
    } catch (cause) {
      if (!(cause instanceof BlobNotFoundError)) throw cause;
      const file = backend.resolve(name);
      throw new CorruptCheckpointError(file, undefined, 'the data file', 'none', { cause });
    }
  }

  async #lengthOf(name: string): Promise<number | undefined> {
    if (!this.#lengths.has(name)) this.#lengths.set(name, await this.#location.backend.size(name));
    return this.#lengths.get(name);
  }

  #nameOf(shard: number): string {
    return shardName(this.#location.prefix, shard, this.#shards);
  }

  #fail(extent: Extent, tensor: string, length: number): never {
    const expected = `at least ${extent.offset + extent.size} bytes`;
    throw new CorruptCheckpointError(this.fileOf(extent), tensor, expected, `${length} bytes`);
  }
}
