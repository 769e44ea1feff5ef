import { create, toBinary } from '@bufbuild/protobuf';
import { BundleEntryProtoSchema, BundleHeaderProtoSchema } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { compareBytes } from '../bytes';
import { dataTypeOf } from '../dtypes';
import { InvalidCheckpointOptionError, InvalidTensorError } from '../errors';
import type { TableEntry } from '../table/table-format';
import { writeTable } from '../table/table-writer';
import type { WritableTensor } from '../tensor';
import {
  indexName,
  type Location,
  locate,
  parseBundleName,
  shardName,
  shardNames,
} from './bundle-files';
import { BUNDLE_VERSION } from './bundle-index';
import { type EncodedTensor, encodeTensor } from './tensor-codec';

/** A checkpoint whose data files are written. Its index is not: until then there is none, or the old one. */
export interface StagedCheckpoint {
  /** The bytes that its index will have; those of the checkpoint in whose place it comes differ. */
  readonly index: Uint8Array;
  /** Writes the index: from here on it is the checkpoint of its prefix. */
  commit(): Promise<void>;
  /** Deletes the data files of the checkpoint that was there before. */
  settle(): Promise<void>;
  /** Deletes its own data files, unless its index did get into its place before the writing failed. */
  discard(): Promise<void>;
}

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

/**
 * Writes the data files of a checkpoint. Beside one of the same prefix they get names of another count
 * (`…-of-00002`), so that it stays whole. When the writing fails, they are deleted.
 *
 * @param wanted the number of data files, unless the names of so many are taken
 * @throws InvalidTensorError, InvalidCheckpointOptionError, and whatever the backend throws
 */
export const stageCheckpoint = async (
  location: Location,
  tensors: readonly WritableTensor[],
  wanted: number,
): Promise<StagedCheckpoint> => {
  const { backend, prefix } = location;
  assertShards(wanted);
  const encoded = encodeAll(tensors);
  const before = await dataFilesOf(location);
  const shards = freeShardCount(before, wanted);
  const placed = place(encoded, shards);
  try {
    for (let shard = 0; shard < shards; shard++)
      await backend.write(shardName(prefix, shard, shards), partsOf(placed, shard));
  } catch (error) {
    // Data files that no index names only take room. That they stay must not hide the first failure.
    await removeUnlessIndexed(location, shards, undefined).catch(() => undefined);
    throw error;
  }
  const index = encodeIndex(placed, shards);
  return {
    index,
    commit: () => backend.write(indexName(prefix), index),
    settle: async () => {
      for (const data of before) await backend.delete(data);
    },
    discard: () => removeUnlessIndexed(location, shards, index),
  };
};

/** A tensor and where its bytes go. */
export interface Placed {
  readonly encoded: EncodedTensor;
  readonly shard: number;
  readonly offset: number;
}

/** @throws InvalidTensorError for one that does not make sense, or two of one name */
export const encodeAll = (tensors: readonly WritableTensor[]): EncodedTensor[] => {
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
export const place = (tensors: readonly EncodedTensor[], shards: number): Placed[] => {
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

/** The bytes of one data file. */
export function* partsOf(placed: readonly Placed[], shard: number): Generator<Uint8Array> {
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

/** The bytes of the index. The parts of every data file must have been taken before: their sums are in it. */
export const encodeIndex = (placed: readonly Placed[], shards: number): Uint8Array => {
  const header = create(BundleHeaderProtoSchema, {
    numShards: shards,
    version: { producer: BUNDLE_VERSION },
  });
  const entries = placed.map(entryOf).sort(([left], [right]) => compareBytes(left, right));
  return writeTable([[new Uint8Array(), toBinary(BundleHeaderProtoSchema, header)], ...entries]);
};

/** How a checkpoint is written. */
export interface WriteCheckpointOptions {
  /** Where to; without one the prefix is a path of the file system. */
  readonly backend?: CheckpointBackend | undefined;
  /** The number of data files; 1 by default. */
  readonly shards?: number | undefined;
}

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
  const staged = await stageCheckpoint(location, tensors, options.shards ?? 1);
  try {
    await staged.commit();
  } catch (error) {
    await staged.discard().catch(() => undefined);
    throw error;
  }
  await staged.settle();
  return location.backend.resolve(location.prefix);
};
