import {
  checkAsyncMethods,
  checkedFunction,
  checkMethods,
  describeArgument,
  kinds,
  optional,
  options,
  required,
  requiredOptions,
} from '@elistimator/internal';
import { InvalidBlobNameError, InvalidCheckpointOptionError } from '../errors';

/** The bytes of a blob: all at once, or in parts that are iterated exactly once. */
export type BlobData = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Part of a blob, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** The right to write, shared by its holders within one process. */
export interface WriteLock {
  /**
   * Runs a task while no other holder runs one.
   *
   * @param task its argument is true if another holder has run a task since this holder's last one, or before its
   *   first one
   */
  run<T>(task: (othersWrote: boolean) => Promise<T>): Promise<T>;
  /** Releases the lock. Other processes can take it once all holders have released it. Further calls do nothing. */
  release(): Promise<void>;
}

/**
 * Stores checkpoints as a flat set of named blobs. To test an implementation, use `checkpointBackendConformance`
 * from the subpath `./conformance`.
 *
 * Names are plain file names of 1 to 255 UTF-8 bytes. Every method throws an InvalidBlobNameError for other names;
 * `assertBlobName` does so.
 */
export interface CheckpointBackend {
  /**
   * The location of the blob with this name, for users and for Python: an absolute path or a URL.
   * `CheckpointEntry.file` is the location for a checkpoint's prefix.
   */
  resolve(name: string): string;
  /**
   * Writes a blob atomically: readers see the previous blob until the promise resolves, and the new blob survives a
   * crash after that. The caller must not change the parts before it resolves.
   */
  write(name: string, data: BlobData): Promise<void>;
  /**
   * Reads a blob or a range of it. The array's buffer is not shared. A range that exceeds the blob is cut off at the
   * blob's end, and no more memory is allocated than the blob is long.
   *
   * @throws BlobNotFoundError
   */
  read(name: string, range?: ByteRange): Promise<Uint8Array>;
  /** A blob's length in bytes, or undefined if it does not exist. */
  size(name: string): Promise<number | undefined>;
  /** The names of all completely written blobs that begin with `prefix` (default: all), sorted by their UTF-8 bytes. */
  list(prefix?: string): Promise<readonly string[]>;
  /** Deletes a blob. Does nothing if it does not exist. */
  delete(name: string): Promise<void>;
  /**
   * Deletes the remains of interrupted writes, if the backend can have any. `list` never shows them.
   *
   * @param options.exclusive true if the caller holds the lock, so that no other process is writing
   */
  clean?(options: { readonly exclusive: boolean }): Promise<void>;
  /**
   * Takes the lock for writing, if several processes or managers can share the blobs. Holders within one process
   * share the lock.
   *
   * @throws DirectoryLockedError if another process holds it
   */
  lock?(): Promise<WriteLock>;
}

/** NAME_MAX of common file systems. */
const LONGEST_NAME = 255;

const defectOf = (name: unknown): string | undefined => {
  if (typeof name !== 'string') return describeArgument(name);
  if (name === '') return 'an empty name';
  if (name === '.' || name === '..') return 'the name of a directory';
  if (/[/\\]/.test(name)) return 'a path separator';
  if (name.includes('\0')) return 'a NUL character';
  const length = Buffer.byteLength(name);
  return length > LONGEST_NAME ? `${length} bytes` : undefined;
};

export const isBlobName = (name: string): boolean => defectOf(name) === undefined;

/**
 * Rejects names that could lead out of a directory, or that file systems do not accept.
 *
 * @throws InvalidBlobNameError
 */
export const assertBlobName = checkedFunction(
  'assertBlobName()',
  { name: optional() },
  (name: string): void => {
    const defect = defectOf(name);
    if (defect !== undefined) throw new InvalidBlobNameError(name, defect);
  },
);

const backendMethods = ['resolve', 'write', 'read', 'size', 'list', 'delete'] as const;

/** @throws InvalidCheckpointOptionError if a value is no backend */
export const assertBackend = (backend: unknown): void => {
  const isObject = typeof backend === 'object' && backend !== null;
  const missing = isObject
    ? backendMethods.find((name) => typeof Reflect.get(backend, name) !== 'function')
    : undefined;
  if (isObject && missing === undefined) return;
  throw new InvalidCheckpointOptionError(
    'backend',
    'an object with the methods of CheckpointBackend',
    isObject ? `one without ${missing}()` : describeArgument(backend),
    'Pass one such as fileSystemBackend("checkpoints"), or use "directory".',
  );
};

const name = required();

/**
 * Makes the methods of a backend refuse superfluous arguments.
 *
 * @param label the backend's name in messages
 */
export const checkBackendArguments = (label: string, backend: CheckpointBackend): void => {
  checkMethods(backend, `${label}.`, { resolve: { name } });
  checkAsyncMethods(backend, `${label}.`, {
    write: { name, data: required() },
    read: { name, range: options<ByteRange>({ offset: true, length: true }) },
    size: { name },
    list: { prefix: optional(kinds.string) },
    delete: { name },
    ...(backend.clean && {
      clean: { options: requiredOptions<{ exclusive: boolean }>({ exclusive: kinds.boolean }) },
    }),
    ...(backend.lock && { lock: {} }),
  });
};
