import type { CheckpointBackend } from '../backends/checkpoint-backend';
import {
  BlobNotFoundError,
  CheckpointNotFoundError,
  TensorNotFoundError,
  UnsupportedCheckpointError,
} from '../errors';
import type { CheckpointTensor, SavedVariable } from '../tensor';
import { indexName, type Location, locate } from './bundle-files';
import { type BundleEntry, type BundleIndex, readBundleIndex } from './bundle-index';
import { TensorReader } from './tensor-reader';

/** Far beyond any real index, which has some 60 bytes per tensor. */
const LONGEST_INDEX = 2 ** 30;

/** A checkpoint whose index was read and verified. Tensors are read and verified one by one. */
export interface CheckpointReader {
  /** The checkpoint's prefix, as in `CheckpointEntry.file`. */
  readonly file: string;
  /** All tensors in the order of their names' UTF-8 bytes, like `tf.train.list_variables`. */
  variables(): readonly SavedVariable[];
  has(name: string): boolean;
  /**
   * Reads and verifies one tensor. Partitioned variables are merged. The array is not shared.
   *
   * @throws TensorNotFoundError, CorruptCheckpointError, UnsupportedCheckpointError
   */
  read(name: string): Promise<CheckpointTensor>;
  /**
   * Reads and verifies every tensor, in the order of `variables()`.
   *
   * @throws CorruptCheckpointError, UnsupportedCheckpointError
   */
  readAll(): Promise<readonly CheckpointTensor[]>;
  /**
   * Verifies every tensor without keeping any in memory. Resolves if the checkpoint is intact.
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
      throw new UnsupportedCheckpointError(
        file,
        undefined,
        `an index of at most ${LONGEST_INDEX} bytes`,
        `${size} bytes`,
        'Split the checkpoint.',
      );
    }
    return readBundleIndex(file, await backend.read(name));
  } catch (cause) {
    if (!(cause instanceof BlobNotFoundError)) throw cause;
    throw new CheckpointNotFoundError(backend.resolve(prefix), { cause });
  }
};

/** Sorts entries by position, so that data files are read from front to back. */
const byPosition = (entries: Iterable<[string, BundleEntry]>): [string, BundleEntry][] =>
  [...entries].sort(
    ([, { extent: left }], [, { extent: right }]) =>
      left.shard - right.shard || left.offset - right.offset,
  );

/** Loads each entry while the previous one is being processed. */
async function* prefetched<T>(
  entries: readonly [string, BundleEntry][],
  load: (name: string, entry: BundleEntry) => Promise<T>,
): AsyncGenerator<T> {
  let next: Promise<T> | undefined;
  for (const [name, entry] of entries) {
    const current = next;
    next = load(name, entry);
    // It is awaited in the next iteration, unless the current one fails first.
    next.catch(() => undefined);
    if (current !== undefined) yield await current;
  }
  if (next !== undefined) yield await next;
}

/**
 * Opens a TensorFlow V2 checkpoint (a TensorBundle) that TF1's Saver, `tf.train.Checkpoint` or this package saved.
 *
 * @param prefix a path without an extension, or a name in `options.backend`
 * @throws CheckpointNotFoundError if there is no index; CorruptCheckpointError if it is damaged;
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
    // The array type matches the entry's dtype, which TypeScript cannot follow.
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
      const byName = new Map<string, CheckpointTensor>();
      for await (const tensor of prefetched(byPosition(index.variables), load))
        byName.set(tensor.name, tensor);
      return [...index.variables.keys()].flatMap((name) => byName.get(name) ?? []);
    },
    verify: async () => {
      const entries = byPosition(index.variables);
      for await (const _ of prefetched(entries, (name, entry) => tensors.read(name, entry)));
    },
  };
};
