import { Malformed } from '../bytes';
import { type CheckpointDType, checkpointDTypes, fixedLayouts, type TensorData } from '../dtypes';
import { CorruptCheckpointError, UnsupportedCheckpointError } from '../errors';
import { elementCount } from '../tensor';
import { indexName, type Location } from './bundle-files';
import type { BundleEntry, BundleIndex } from './bundle-index';
import { ShardReader } from './shard-reader';
import { assertCover, type Box, boxOf, eachRun, sliceKey } from './slices';
import { decodeTensor } from './tensor-codec';

type Data = TensorData[CheckpointDType];

/** An array that takes part of another one's values; both hold the same dtype. */
const emptyData = (dtype: CheckpointDType, count: number) => {
  if (dtype === 'string') {
    const strings = new Array<Uint8Array>(count).fill(new Uint8Array());
    return {
      data: strings as Data,
      put: (part: Data, at: number, from: number, length: number) => {
        for (let index = 0; index < length; index++) {
          const text = part[from + index];
          if (text instanceof Uint8Array) strings[at + index] = text;
        }
      },
    };
  }
  const { array, lanes, size } = fixedLayouts[dtype];
  const bytes = new Uint8Array(count * size);
  const data: Data = new array(bytes.buffer, 0, count * lanes);
  return {
    data,
    put: (part: Data, at: number, from: number, length: number) => {
      if (!('buffer' in part)) return;
      bytes.set(
        new Uint8Array(part.buffer, part.byteOffset + from * size, length * size),
        at * size,
      );
    },
  };
};

/** Reads and verifies the values of tensors, whole ones and partitioned ones. */
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
    const dtype = this.#dtypeOf(name, entry);
    if (entry.slices.length > 0) return this.#readSlices(name, entry, dtype);
    return this.#readWhole(name, entry, dtype);
  }

  async #readWhole(name: string, entry: BundleEntry, dtype: CheckpointDType): Promise<Data> {
    const { extent, shape } = entry;
    const { bigEndian } = this.#index;
    const bytes = await this.#shards.read(extent, name);
    return this.#naming(this.#shards.fileOf(extent), name, () =>
      decodeTensor(bytes, { dtype, shape, bigEndian, checksum: extent.checksum }),
    );
  }

  async #readSlices(name: string, entry: BundleEntry, dtype: CheckpointDType): Promise<Data> {
    const parts = this.#naming(this.#indexFile, name, () => this.#partsOf(name, entry));
    // Every part is known to be there before memory is taken for the whole.
    for (const { slice } of parts) await this.#shards.assertWithin(slice.extent, name);
    const whole = emptyData(dtype, elementCount(entry.shape) ?? 0);
    for (const { slice, box } of parts) {
      const part = await this.#readWhole(name, slice, dtype);
      eachRun(entry.shape, box, (at, from, length) => whole.put(part, at, from, length));
    }
    return whole.data;
  }

  /** The slices of a partitioned variable and where they belong. */
  #partsOf(
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
      if (dtype === 'string' && (elementCount(slice.shape) ?? 0) > slice.extent.size) {
        throw new Malformed('a byte for each string', `${slice.extent.size}`);
      }
      return { slice, box };
    });
  }

  #dtypeOf(name: string, { dtype, type }: BundleEntry): CheckpointDType {
    const known = checkpointDTypes.join(', ');
    if (dtype === undefined) {
      const fix = 'Read the other tensors by name, or save this one as another type.';
      throw new UnsupportedCheckpointError(
        this.#indexFile,
        name,
        `a dtype of ${known}`,
        `DT_${type}`,
        fix,
      );
    }
    if (dtype === 'string' && this.#index.bigEndian) {
      const fix = 'Save it on a little-endian machine.';
      throw new UnsupportedCheckpointError(
        this.#indexFile,
        name,
        'little-endian strings',
        'big-endian ones',
        fix,
      );
    }
    return dtype;
  }

  #naming<T>(file: string, tensor: string, decode: () => T): T {
    try {
      return decode();
    } catch (cause) {
      if (!(cause instanceof Malformed)) throw cause;
      throw new CorruptCheckpointError(file, tensor, cause.expected, cause.actual, { cause });
    }
  }
}
