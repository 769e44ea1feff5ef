import { create, toBinary } from '@bufbuild/protobuf';
import { checkedAsyncFunction, kinds, options, required } from '@elistimator/internal';
import { BundleEntryProtoSchema, BundleHeaderProtoSchema, dataTypeOf } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { compareBytes } from '../bytes';
import { InvalidTensorError } from '../errors';
import { assertInteger, MOST_SHARDS } from '../option-checks';
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

/** @throws InvalidTensorError for an invalid tensor, or for two tensors of the same name */
const encodeAll = (tensors: readonly WritableTensor[]): EncodedTensor[] => {
  const names = new Set<string>();
  return tensors.map((tensor) => {
    const { name } = tensor;
    if (name === '' || name.startsWith('\0') || Buffer.from(name).toString() !== name) {
      throw new InvalidTensorError(
        name,
        'a name of well-formed Unicode text that does not start with NUL',
        name === '' ? 'an empty name' : JSON.stringify(name),
        'Rename the tensor.',
      );
    }
    if (names.has(name)) {
      throw new InvalidTensorError(
        name,
        'one tensor of this name',
        'two',
        'Names must be unique: rename one of them.',
      );
    }
    names.add(name);
    return encodeTensor(tensor);
  });
};

/** A tensor and the position of its bytes. */
interface ShardEntry {
  readonly encoded: EncodedTensor;
  readonly shard: number;
  readonly offset: number;
}

/** Distributes tensors over data files of about the same size, in order. */
const layOut = (tensors: readonly EncodedTensor[], shards: number): ShardEntry[] => {
  const total = tensors.reduce((sum, { size }) => sum + size, 0);
  const offsets = new Array<number>(shards).fill(0);
  let written = 0;
  return tensors.map((encoded) => {
    const shard = total === 0 ? 0 : Math.min(shards - 1, Math.floor((written / total) * shards));
    const offset = offsets[shard] ?? 0;
    written += encoded.size;
    offsets[shard] = offset + encoded.size;
    return { encoded, shard, offset };
  });
};

function* partsOf(entries: readonly ShardEntry[], shard: number): Generator<Uint8Array> {
  for (const entry of entries) if (entry.shard === shard) yield* entry.encoded.parts();
}

const encodeEntry = ({ encoded, shard, offset }: ShardEntry): TableEntry => {
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

/** The bytes of the index. It contains checksums, so the data files have to be written first. */
const encodeIndex = (entries: readonly ShardEntry[], shards: number): Uint8Array => {
  const header = create(BundleHeaderProtoSchema, {
    numShards: shards,
    version: { producer: BUNDLE_VERSION },
  });
  const rows = entries.map(encodeEntry).sort(([left], [right]) => compareBytes(left, right));
  return writeTable([[new Uint8Array(), toBinary(BundleHeaderProtoSchema, header)], ...rows]);
};

const dataFilesOf = async ({ backend, prefix }: Location): Promise<string[]> =>
  (await backend.list(`${prefix}.data-`)).filter(
    (name) => parseBundleName(name)?.prefix === prefix,
  );

/** The least number of shards from `least` on that no existing data file has in its name. */
const freeShardCount = (dataFiles: readonly string[], least: number): number => {
  const counts = new Set(
    dataFiles.map(parseBundleName).map((file) => (file?.kind === 'data' ? file.shards : 0)),
  );
  let count = least;
  while (counts.has(count)) count++;
  return count;
};

/** Deletes data files, unless the index that refers to them was stored although writing it failed. */
const deleteUnlessIndexed = async (
  { backend, prefix }: Location,
  shards: number,
  index: Uint8Array | undefined,
): Promise<void> => {
  const name = indexName(prefix);
  const hasIndex = index !== undefined && (await backend.size(name)) !== undefined;
  if (hasIndex && Buffer.compare(await backend.read(name), index) === 0) return;
  for (const dataFile of shardNames(prefix, shards)) await backend.delete(dataFile);
};

/** A checkpoint whose data files have been written but whose index has not. */
export interface StagedCheckpoint {
  /** The bytes of its index, which differ from those of the checkpoint that it replaces. */
  readonly index: Uint8Array;
  /** Writes the index, which makes this the checkpoint of its prefix. */
  commit(): Promise<void>;
  /** Deletes the data files of the replaced checkpoint. */
  deleteReplaced(): Promise<void>;
  /** Deletes its own data files, unless the index was stored although `commit` failed. */
  discard(): Promise<void>;
}

/**
 * Writes the data files of a checkpoint. If a checkpoint of the same prefix exists, they get names with another
 * shard count (`…-of-00002`), so that it stays intact. If writing fails, they are deleted.
 *
 * @param shards the number of data files; more if the names with this count are in use
 * @throws InvalidTensorError, InvalidCheckpointOptionError, and errors of the backend
 */
export const stageCheckpoint = async (
  location: Location,
  tensors: readonly WritableTensor[],
  shards: number,
): Promise<StagedCheckpoint> => {
  const { backend, prefix } = location;
  assertInteger('shards', shards, 1, MOST_SHARDS);
  const encoded = encodeAll(tensors);
  const replaced = await dataFilesOf(location);
  const shardCount = freeShardCount(replaced, shards);
  const entries = layOut(encoded, shardCount);
  try {
    for (let shard = 0; shard < shardCount; shard++)
      await backend.write(shardName(prefix, shard, shardCount), partsOf(entries, shard));
  } catch (error) {
    // Remaining data files only take disk space: failing to delete them must not hide the first error.
    await deleteUnlessIndexed(location, shardCount, undefined).catch(() => undefined);
    throw error;
  }
  const index = encodeIndex(entries, shardCount);
  return {
    index,
    commit: () => backend.write(indexName(prefix), index),
    deleteReplaced: async () => {
      for (const dataFile of replaced) await backend.delete(dataFile);
    },
    discard: () => deleteUnlessIndexed(location, shardCount, index),
  };
};

/** Options of `writeCheckpoint`. */
export interface WriteCheckpointOptions {
  /** Where to write. Without a backend, the prefix is a path of the file system. */
  readonly backend?: CheckpointBackend | undefined;
  /** The number of data files. Default: 1. */
  readonly shards?: number | undefined;
}

/**
 * Writes a TensorFlow V2 checkpoint (a TensorBundle): `<prefix>.data-00000-of-00001`, then `<prefix>.index`.
 *
 * Replaces an existing checkpoint of the same prefix safely: the new data files get names with another shard count
 * (`…-of-00002`), and the old ones are deleted only after the new index has been written.
 *
 * @param prefix a path or a `file:` URL without an extension, or a name in `options.backend`; missing directories are
 *   created
 * @param tensors with unique names; they must not change until the promise resolves
 * @returns the location of the checkpoint, which Python's `tf.train.load_checkpoint` accepts
 * @throws InvalidTensorError, InvalidBlobNameError, InvalidCheckpointOptionError, and errors of the backend
 */
export const writeCheckpoint = checkedAsyncFunction(
  'writeCheckpoint()',
  {
    prefix: required(),
    tensors: required(kinds.array),
    options: options<WriteCheckpointOptions>({ backend: true, shards: true }),
  },
  async (
    prefix: string | URL,
    tensors: readonly WritableTensor[],
    { backend, shards = 1 }: WriteCheckpointOptions = {},
  ): Promise<string> => {
    const location = locate(prefix, backend);
    const staged = await stageCheckpoint(location, tensors, shards);
    try {
      await staged.commit();
    } catch (error) {
      await staged.discard().catch(() => undefined);
      throw error;
    }
    await staged.deleteReplaced();
    return location.backend.resolve(location.prefix);
  },
);
