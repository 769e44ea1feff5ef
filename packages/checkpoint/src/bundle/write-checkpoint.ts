import { create, toBinary } from '@bufbuild/protobuf';
import { BundleEntryProtoSchema, BundleHeaderProtoSchema } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { compareBytes } from '../bytes/compare-bytes';
import { dataTypeOf } from '../dtypes';
import { InvalidCheckpointOptionError, InvalidTensorError } from '../errors';
import { type TableEntry, writeTable } from '../table';
import type { WritableTensor } from '../tensor';
import { BUNDLE_VERSION } from './bundle-index';
import { indexName, parseBundleName, shardName, shardNames } from './bundle-names';
import { type EncodedTensor, encodeTensor } from './encode-tensor';
import { type Location, locate } from './locate';

/** How a checkpoint is written. */
export interface WriteCheckpointOptions {
  /** Where to; without one the prefix is a path of the file system. */
  readonly backend?: CheckpointBackend | undefined;
  /** The number of data files; 1 by default. */
  readonly shards?: number | undefined;
}

/** A tensor and where its bytes go. */
interface Placed {
  readonly encoded: EncodedTensor;
  readonly shard: number;
  readonly offset: number;
}

const encodeAll = (tensors: readonly WritableTensor[]): EncodedTensor[] => {
  const names = new Set<string>();
  return tensors.map((tensor) => {
    const { name } = tensor;
    if (name === '' || name.startsWith('\0') || Buffer.from(name).toString() !== name) {
      throw new InvalidTensorError(
        name,
        'a name of whole Unicode text',
        JSON.stringify(name),
        'Rename it.',
      );
    }
    if (names.has(name)) {
      throw new InvalidTensorError(name, 'one tensor of this name', 'two', 'Names must be unique.');
    }
    names.add(name);
    return encodeTensor(tensor);
  });
};

/** Fills one data file after the other, in the order of the tensors. */
const place = (tensors: readonly EncodedTensor[], shards: number): Placed[] => {
  const total = tensors.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  const offsets = new Array<number>(shards).fill(0);
  return tensors.map((encoded) => {
    const shard = total === 0 ? 0 : Math.min(shards - 1, Math.floor((before / total) * shards));
    const offset = offsets[shard] ?? 0;
    before += encoded.size;
    offsets[shard] = offset + encoded.size;
    return { encoded, shard, offset };
  });
};

function* partsOf(placed: readonly Placed[], shard: number): Generator<Uint8Array> {
  for (const { encoded, shard: own } of placed) if (own === shard) yield* encoded.parts();
}

const entryOf = ({ encoded, shard, offset }: Placed): TableEntry => {
  const { tensor, size } = encoded;
  const proto = create(BundleEntryProtoSchema, {
    dtype: dataTypeOf(tensor.dtype),
    shape: { dim: tensor.shape.map((length) => ({ size: BigInt(length) })) },
    shardId: shard,
    offset: BigInt(offset),
    size: BigInt(size),
    crc32c: encoded.checksum(),
  });
  return [Buffer.from(tensor.name), toBinary(BundleEntryProtoSchema, proto)];
};

const encodeIndex = (placed: readonly Placed[], shards: number): Uint8Array => {
  const header = create(BundleHeaderProtoSchema, {
    numShards: shards,
    version: { producer: BUNDLE_VERSION },
  });
  const entries = placed.map(entryOf).sort(([left], [right]) => compareBytes(left, right));
  return writeTable([[new Uint8Array(), toBinary(BundleHeaderProtoSchema, header)], ...entries]);
};

const dataFilesOf = async ({ backend, prefix }: Location): Promise<string[]> =>
  (await backend.list(`${prefix}.data-`)).filter(
    (name) => parseBundleName(name)?.prefix === prefix,
  );

/** The least number of data files from `least` on whose names are all free. */
const freeShardCount = (taken: readonly string[], least: number): number => {
  const counts = new Set(
    taken.map(parseBundleName).map((file) => (file?.kind === 'data' ? file.shards : 0)),
  );
  let count = least;
  while (counts.has(count)) count++;
  return count;
};

/** Deletes data files, unless an index that names them was put in place before its writing failed. */
const removeUnlessIndexed = async (
  { backend, prefix }: Location,
  shards: number,
  index: Uint8Array | undefined,
): Promise<void> => {
  const name = indexName(prefix);
  const there = index !== undefined && (await backend.size(name)) !== undefined;
  if (there && Buffer.compare(await backend.read(name), index) === 0) return;
  for (const data of shardNames(prefix, shards)) await backend.delete(data);
};

const assertShards = (shards: number): number => {
  if (!Number.isInteger(shards) || shards < 1 || shards > 10_000) {
    throw new InvalidCheckpointOptionError(
      'shards',
      'a whole number from 1 to 10,000',
      shards,
      'Leave it out.',
    );
  }
  return shards;
};

/**
 * Writes a TensorFlow V2 checkpoint (a TensorBundle): `<prefix>.data-00000-of-00001`, then
 * `<prefix>.index`, which makes it one. Tensors are written from their own arrays.
 *
 * Over a checkpoint of the same prefix, the new data files get names of another count (`…-of-00002`), so
 * that the old checkpoint stays whole until the new index takes its place; its data files go last.
 *
 * @param prefix a path without ending, or a name within `options.backend`; missing directories are made
 * @param tensors their names unique; data as TensorData says; they must not change until this resolves
 * @returns where the checkpoint lies: what Python's `tf.train.load_checkpoint` takes
 * @throws InvalidTensorError, InvalidBlobNameError, and whatever the backend throws
 */
export const writeCheckpoint = async (
  prefix: string,
  tensors: readonly WritableTensor[],
  options: WriteCheckpointOptions = {},
): Promise<string> => {
  const location = locate(prefix, options.backend);
  const { backend, prefix: name } = location;
  const wanted = assertShards(options.shards ?? 1);
  const encoded = encodeAll(tensors);
  const before = await dataFilesOf(location);
  const shards = freeShardCount(before, wanted);
  const placed = place(encoded, shards);
  let index: Uint8Array | undefined;
  try {
    for (let shard = 0; shard < shards; shard++) {
      await backend.write(shardName(name, shard, shards), partsOf(placed, shard));
    }
    index = encodeIndex(placed, shards);
    await backend.write(indexName(name), index);
  } catch (error) {
    // Data files that no index names only take room. That they stay must not hide the first failure.
    await removeUnlessIndexed(location, shards, index).catch(() => undefined);
    throw error;
  }
  for (const data of before) await backend.delete(data);
  return backend.resolve(name);
};
