import { InvalidBlobNameError } from '../errors';

/** The bytes of a blob: at once, or in parts that are iterated exactly once. */
export type BlobData = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Part of a blob, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** The right to write, shared by the holders of one process. */
export interface WriteLock {
  /**
   * Runs a task while no other holder runs one.
   *
   * @param task is told whether another holder has run one since this holder's last, or before its first
   */
  run<T>(task: (others: boolean) => Promise<T>): Promise<T>;
  /** Lets go; other processes get it once every holder of this one has. Again: nothing happens. */
  release(): Promise<void>;
}

/**
 * Where checkpoints are stored: a flat set of named blobs. `checkpointBackendConformance`, at the subpath
 * `./conformance`, tests an implementation.
 *
 * Names are plain file names of 1 to 255 UTF-8 bytes; every method refuses others with an
 * InvalidBlobNameError (`assertBlobName`).
 */
export interface CheckpointBackend {
  /**
   * Where a blob of this name lies, for people and for Python: an absolute path, a URL. `CheckpointEntry.file`
   * is what this gives for a checkpoint's prefix.
   */
  resolve(name: string): string;
  /**
   * Writes a blob, whole or not at all: until it resolves, readers see the blob that was there before, and
   * once it resolves the new one survives a crash. The caller leaves the parts as they are until then.
   */
  write(name: string, data: BlobData): Promise<void>;
  /**
   * Reads a blob or a range of it. The array is the caller's own: nothing else reads or writes its buffer.
   * What lies beyond the blob's end is left out, so fewer bytes than asked for may come back, and no more
   * memory is taken than the blob is long.
   *
   * @throws BlobNotFoundError
   */
  read(name: string, range?: ByteRange): Promise<Uint8Array>;
  /** A blob's length in bytes; undefined when there is none. */
  size(name: string): Promise<number | undefined>;
  /** The names of all whole blobs that begin with `prefix` (default: all), in order of their UTF-8 bytes. */
  list(prefix?: string): Promise<readonly string[]>;
  /** Removes a blob; none of that name is no error. */
  delete(name: string): Promise<void>;
  /**
   * Removes what interrupted writes left behind, where the backend can have such; `list` never shows it.
   *
   * @param options.exclusive the caller holds the lock, so that no write of another process is under way
   */
  clean?(options: { readonly exclusive: boolean }): Promise<void>;
  /**
   * Takes the right to write, where several processes or managers could share the blobs. The holders within
   * one process share it.
   *
   * @throws DirectoryLockedError when another process has it
   */
  lock?(): Promise<WriteLock>;
}

const LONGEST = 255;

const faultOf = (name: string): string | undefined => {
  if (name === '') return 'an empty name';
  if (name === '.' || name === '..') return 'the name of a directory';
  if (/[/\\]/.test(name)) return 'a path separator';
  if (name.includes('\0')) return 'a NUL character';
  if (Buffer.byteLength(name) > LONGEST) return `${Buffer.byteLength(name)} bytes`;
  return undefined;
};

/** Whether a blob may have this name. */
export const isBlobName = (name: string): boolean => faultOf(name) === undefined;

/**
 * Refuses names that could lead out of a directory or that a file system would not take.
 *
 * @throws InvalidBlobNameError
 */
export const assertBlobName = (name: string): void => {
  const fault = faultOf(name);
  if (fault !== undefined) throw new InvalidBlobNameError(name, fault);
};
