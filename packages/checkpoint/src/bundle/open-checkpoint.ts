import type { CheckpointBackend } from '../backends/checkpoint-backend';
import {
  BlobNotFoundError,
  CheckpointNotFoundError,
  TensorNotFoundError,
  UnsupportedCheckpointError,
} from '../errors';
import type { CheckpointTensor, VariableInfo } from '../tensor';
import { indexName, type Location, locate } from './bundle-files';
import { type BundleEntry, type BundleIndex, readBundleIndex } from './bundle-index';
import { TensorReader } from './tensor-reader';

/** Far beyond any real index, which has some 60 bytes for a tensor. */
const LONGEST_INDEX = 2 ** 30;

/** A checkpoint whose index was read and verified; tensors are read, and verified, one by one. */
export interface CheckpointReader {
  /** The checkpoint's prefix, as `CheckpointEntry.file` gives it. */
  readonly file: string;
  /** What the checkpoint holds, in the order of the names' UTF-8 bytes, as `tf.train.list_variables` gives it. */
  variables(): readonly VariableInfo[];
  has(name: string): boolean;
  /**
   * Reads one tensor into an array of its own, and verifies it. Partitioned variables come merged.
   *
   * @throws TensorNotFoundError, CorruptCheckpointError, UnsupportedCheckpointError
   */
  read(name: string): Promise<CheckpointTensor>;
  /**
   * Reads every tensor, in the order of `variables()`; memory is taken for the tensors only.
   *
   * @throws CorruptCheckpointError, UnsupportedCheckpointError
   */
  readAll(): Promise<readonly CheckpointTensor[]>;
  /**
   * Reads every tensor and keeps none: resolves when the checkpoint is sound.
   *
   * @throws CorruptCheckpointError, UnsupportedCheckpointError
   */
  verify(): Promise<void>;
}

const readIndex = async ({ backend, prefix }: Location): Promise<BundleIndex> => {
  const name = indexName(prefix);
  const file = backend.resolve(name);
  try {
    const size = await backend.size(name);
    if (size !== undefined && size > LONGEST_INDEX) {
      const expected = `an index of at most ${LONGEST_INDEX} bytes`;
      throw new UnsupportedCheckpointError(
        file,
        undefined,
        expected,
        `${size}`,
        'Split the checkpoint.',
      );
    }
    return readBundleIndex(file, await backend.read(name));
  } catch (cause) {
    if (!(cause instanceof BlobNotFoundError)) throw cause;
    throw new CheckpointNotFoundError(backend.resolve(prefix), { cause });
  }
};

/** In the order in which the values lie in the data files, so that these are read front to back. */
const byPlace = (entries: Iterable<[string, BundleEntry]>): [string, BundleEntry][] =>
  [...entries].sort(
    ([, { extent: left }], [, { extent: right }]) =>
      left.shard - right.shard || left.offset - right.offset,
  );

/** Loads each entry while the one before it is being verified. */
async function* oneAhead<T>(
  entries: readonly [string, BundleEntry][],
  load: (name: string, entry: BundleEntry) => Promise<T>,
): AsyncGenerator<T> {
  let ahead: Promise<T> | undefined;
  for (const [name, entry] of entries) {
    const current = ahead;
    ahead = load(name, entry);
    // It is awaited one turn later, unless the one before it fails first.
    ahead.catch(() => undefined);
    if (current !== undefined) yield await current;
  }
  if (ahead !== undefined) yield await ahead;
}

/**
 * Opens a TensorFlow V2 checkpoint (a TensorBundle) for reading: TF1 Saver's, `tf.train.Checkpoint`'s or ours.
 *
 * @param prefix a path without ending, or a name within `options.backend`
 * @throws CheckpointNotFoundError when there is no index; CorruptCheckpointError when it is damaged;
 *   UnsupportedCheckpointError
 */
export const openCheckpoint = async (
  prefix: string,
  options: { readonly backend?: CheckpointBackend | undefined } = {},
): Promise<CheckpointReader> => {
  const location = locate(prefix, options.backend);
  const file = location.backend.resolve(location.prefix);
  const index = await readIndex(location);
  const tensors = new TensorReader(location, index);
  const load = async (name: string, entry: BundleEntry): Promise<CheckpointTensor> => {
    const data = await tensors.read(name, entry);
    // The reader gives the array that belongs to the entry's dtype, which TypeScript cannot follow.
    return { name, dtype: entry.dtype, shape: entry.shape, data } as CheckpointTensor;
  };
  return {
    file,
    variables: () =>
      [...index.variables].map(([name, { dtype, type, shape }]) => ({
        name,
        dtype: dtype ?? (`DT_${type}` as const),
        shape,
      })),
    has: (name) => index.variables.has(name),
    read: async (name) => {
      const entry = index.variables.get(name);
      if (entry === undefined)
        throw new TensorNotFoundError(file, name, [...index.variables.keys()]);
      return load(name, entry);
    },
    readAll: async () => {
      const read = new Map<string, CheckpointTensor>();
      for await (const tensor of oneAhead(byPlace(index.variables), load))
        read.set(tensor.name, tensor);
      return [...index.variables.keys()].flatMap((name) => read.get(name) ?? []);
    },
    verify: async () => {
      const entries = byPlace(index.variables);
      for await (const _ of oneAhead(entries, (name, entry) => tensors.read(name, entry)));
    },
  };
};
