import {
  checkAsyncMethods,
  checkedAsyncFunction,
  checkMethods,
  kinds,
  options,
  required,
} from '@elistimator/internal';
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
import { type CastDType, castTensor } from './cast';
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
   * Reads and verifies one tensor, and casts it: real numbers (float16, bfloat16, float32, float64) to float32 or
   * float64, integers to int32, complex128 to complex64. Rounds to the nearest value.
   *
   * @throws TensorNotFoundError, CorruptCheckpointError; UnsupportedCheckpointError also if the dtype is of another
   *   kind, or a value does not fit into the new one
   */
  read<D extends CastDType>(
    name: string,
    options: { readonly as: D },
  ): Promise<CheckpointTensor<D>>;
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

/** Reads the tensors of one index. */
class BundleReader implements CheckpointReader {
  readonly file: string;
  readonly #index: BundleIndex;
  readonly #tensors: TensorReader;

  constructor(location: Location, index: BundleIndex) {
    this.file = location.backend.resolve(location.prefix);
    this.#index = index;
    this.#tensors = new TensorReader(location, index);
  }

  variables(): readonly SavedVariable[] {
    return [...this.#index.variables].map(([name, { dtype, type, shape }]) => ({
      name,
      dtype: dtype ?? (`DT_${type}` as const),
      shape: [...shape],
    }));
  }

  has(name: string): boolean {
    return this.#index.variables.has(name);
  }

  read(name: string): Promise<CheckpointTensor>;
  read<D extends CastDType>(
    name: string,
    options: { readonly as: D },
  ): Promise<CheckpointTensor<D>>;
  async read(
    name: string,
    options?: { readonly as?: CastDType | undefined },
  ): Promise<CheckpointTensor> {
    const entry = this.#index.variables.get(name);
    if (entry === undefined)
      throw new TensorNotFoundError(this.file, name, [...this.#index.variables.keys()]);
    const tensor = await this.#load(name, entry);
    return options?.as === undefined ? tensor : castTensor(this.file, tensor, options.as);
  }

  async readAll(): Promise<readonly CheckpointTensor[]> {
    const byName = new Map<string, CheckpointTensor>();
    const load = (name: string, entry: BundleEntry) => this.#load(name, entry);
    for await (const tensor of prefetched(byPosition(this.#index.variables), load))
      byName.set(tensor.name, tensor);
    return [...this.#index.variables.keys()].flatMap((name) => byName.get(name) ?? []);
  }

  async verify(): Promise<void> {
    const entries = byPosition(this.#index.variables);
    const read = (name: string, entry: BundleEntry) => this.#tensors.read(name, entry);
    for await (const _ of prefetched(entries, read));
  }

  async #load(name: string, entry: BundleEntry): Promise<CheckpointTensor> {
    const data = await this.#tensors.read(name, entry);
    // The array type matches the entry's dtype, which TypeScript cannot follow.
    return { name, dtype: entry.dtype, shape: [...entry.shape], data } as CheckpointTensor;
  }
}

checkMethods(BundleReader.prototype, 'reader.', {
  variables: {},
  has: { name: required(kinds.string) },
});
checkAsyncMethods(BundleReader.prototype, 'reader.', {
  read: {
    name: required(kinds.string),
    options: options<{ as: CastDType }>({ as: required() }),
  },
  readAll: {},
  verify: {},
});

interface OpenCheckpointOptions {
  readonly backend?: CheckpointBackend | undefined;
}

/**
 * Opens a TensorFlow V2 checkpoint (a TensorBundle) that TF1's Saver, `tf.train.Checkpoint` or this package saved.
 *
 * @param prefix a path or a `file:` URL without an extension, or a name in `options.backend`
 * @throws CheckpointNotFoundError if there is no index; CorruptCheckpointError if it is damaged;
 *   UnsupportedCheckpointError
 */
export const openCheckpoint = checkedAsyncFunction(
  'openCheckpoint()',
  { prefix: required(), options: options<OpenCheckpointOptions>({ backend: true }) },
  async (
    prefix: string | URL,
    { backend }: OpenCheckpointOptions = {},
  ): Promise<CheckpointReader> => {
    const location = locate(prefix, backend);
    return new BundleReader(location, await readIndex(location));
  },
);
