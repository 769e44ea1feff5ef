import { type FixedLayout, fixedLayouts, type TensorData } from '@elistimator/protos';
import { Malformed } from '../bytes';
import { CorruptCheckpointError, UnsupportedCheckpointError } from '../errors';
import { type CheckpointDType, checkpointDTypes, elementCount } from '../tensor';
import { indexName, type Location } from './bundle-files';
import type { BundleEntry, BundleIndex } from './bundle-index';
import { ShardReader } from './shard-reader';
import { assertCover, type Box, boxOf, eachRun, sliceKey } from './slices';
import { decodeTensor } from './tensor-codec';

type Data = TensorData[CheckpointDType];

/** Values to be filled from slices of the same dtype. */
interface MergedData {
  readonly data: Data;
  /** Copies `length` elements of a slice, from index `from` there to index `at` here. */
  copy(slice: Data, at: number, from: number, length: number): void;
}

const createMergedData = (dtype: CheckpointDType, count: number): MergedData => {
  if (dtype === 'string') {
    const strings = new Array<Uint8Array>(count).fill(new Uint8Array());
    return {
      data: strings,
      copy: (slice, at, from, length) => {
        for (let index = 0; index < length; index++) {
          const text = slice[from + index];
          if (text instanceof Uint8Array) strings[at + index] = text;
        }
      },
    };
  }
  const { array, lanes, size }: FixedLayout = fixedLayouts[dtype];
  const bytes = new Uint8Array(count * size);
  return {
    data: new array(bytes.buffer, 0, count * lanes),
    copy: (slice, at, from, length) => {
      if (!('buffer' in slice)) return;
      bytes.set(
        new Uint8Array(slice.buffer, slice.byteOffset + from * size, length * size),
        at * size,
      );
    },
  };
};

/** Reads and verifies the values of tensors, and merges those of partitioned variables. */
export class TensorReader {
  readonly #index: BundleIndex;
  readonly #indexFile: string;
  readonly #shards: ShardReader;

  constructor(location: Location, index: BundleIndex) {
    this.#index = index;
    this.#indexFile = location.backend.resolve(indexName(location.prefix));
    this.#shards = new ShardReader(location, index.shards);
  }

  /** @throws CorruptCheckpointError, UnsupportedCheckpointError */
  async read(name: string, entry: BundleEntry): Promise<Data> {
    const dtype = this.#supportedDType(name, entry);
    if (entry.slices.length > 0) return this.#readPartitioned(name, entry, dtype);
    return this.#readContiguous(name, entry, dtype);
  }

  async #readContiguous(name: string, entry: BundleEntry, dtype: CheckpointDType): Promise<Data> {
    const { extent, shape } = entry;
    const { bigEndian } = this.#index;
    const bytes = await this.#shards.read(extent, name);
    return this.#decodeNamed(this.#shards.fileOf(extent), name, () =>
      decodeTensor(bytes, { dtype, shape, bigEndian, checksum: extent.checksum }),
    );
  }

  async #readPartitioned(name: string, entry: BundleEntry, dtype: CheckpointDType): Promise<Data> {
    const slices = this.#decodeNamed(this.#indexFile, name, () => this.#slicesOf(name, entry));
    // Check that every slice exists before memory for the complete tensor is allocated.
    for (const { slice } of slices) await this.#shards.assertWithin(slice.extent, name);
    const merged = createMergedData(dtype, elementCount(entry.shape) ?? 0);
    for (const { slice, box } of slices) {
      const data = await this.#readContiguous(name, slice, dtype);
      eachRun(entry.shape, box, (at, from, length) => merged.copy(data, at, from, length));
    }
    return merged.data;
  }

  /** The slices of a partitioned variable and their positions in it. */
  #slicesOf(
    name: string,
    { shape, slices, dtype }: BundleEntry,
  ): { slice: BundleEntry; box: Box }[] {
    const boxes = slices.map((extents) => boxOf(shape, extents));
    assertCover(shape, boxes);
    return boxes.map((box, index) => {
      const key = Buffer.from(sliceKey(name, slices[index] ?? [])).toString('base64');
      const slice = this.#index.slices.get(key);
      if (slice === undefined) throw new Malformed(`an entry for slice ${index}`, 'none');
      if (slice.dtype !== dtype || slice.shape.join() !== box.shape.join()) {
        throw new Malformed(
          `slice ${index} to be ${dtype} [${box.shape}]`,
          `${slice.dtype} [${slice.shape}]`,
        );
      }
      if (dtype === 'string' && (elementCount(slice.shape) ?? 0) > slice.extent.size)
        throw new Malformed('at least one byte per string', `${slice.extent.size} bytes`);
      return { slice, box };
    });
  }

  #supportedDType(name: string, { dtype, type }: BundleEntry): CheckpointDType {
    if (dtype === undefined) {
      throw new UnsupportedCheckpointError(
        this.#indexFile,
        name,
        `a dtype of ${checkpointDTypes.join(', ')}`,
        `DT_${type}`,
        'Read the other tensors by name, or save this one with another dtype.',
      );
    }
    if (dtype === 'string' && this.#index.bigEndian) {
      throw new UnsupportedCheckpointError(
        this.#indexFile,
        name,
        'little-endian strings',
        'big-endian strings',
        'Save the checkpoint on a little-endian machine.',
      );
    }
    return dtype;
  }

  #decodeNamed<T>(file: string, tensor: string, decode: () => T): T {
    try {
      return decode();
    } catch (cause) {
      if (!(cause instanceof Malformed)) throw cause;
      throw new CorruptCheckpointError(file, tensor, cause.expected, cause.actual, { cause });
    }
  }
}
