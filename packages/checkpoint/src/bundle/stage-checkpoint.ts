import { InvalidCheckpointOptionError } from '../errors';
import type { WritableTensor } from '../tensor';
import { indexName, parseBundleName, shardName, shardNames } from './bundle-names';
import { encodeAll, encodeIndex, partsOf, place } from './encode-bundle';
import type { Location } from './locate';

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
