import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  asPathError,
  checkedFunction,
  kinds,
  makeDirectory,
  options,
  pathOf,
  required,
} from '@elistimator/internal';
import { sortByUtf8 } from '../bytes';
import { BlobNotFoundError, InvalidBlobNameError } from '../errors';
import { coalesce } from './blob-data';
import {
  assertBlobName,
  type BlobData,
  type ByteRange,
  type CheckpointBackend,
  checkBackendArguments,
  isBlobName,
} from './checkpoint-backend';
import { LOCK_NAME, lockDirectory } from './directory-lock';
import {
  type FileSystemOperations,
  isOrphan,
  isSystemError,
  isTemporaryName,
  nodeFileSystem,
  temporaryName,
  unlinkIfPresent,
} from './file-system-operations';
import { SharedLock } from './shared-lock';

/** Node rejects single reads of 2 GiB or more. */
const LONGEST_READ = 1 << 30;

/** Non-blocking, so that opening a pipe with a checkpoint's name does not wait for a writer. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const isReserved = (name: string) => isTemporaryName(name) || name.startsWith(LOCK_NAME);

/** One lock per directory, shared by all backends of this process. */
const locks = new Map<string, SharedLock>();

const lockOf = (root: string, fs: FileSystemOperations): SharedLock => {
  const lock = locks.get(root) ?? new SharedLock(() => lockDirectory(root, fs));
  locks.set(root, lock);
  return lock;
};

const writeAll = async (file: FileHandle, bytes: Uint8Array): Promise<void> => {
  let at = 0;
  while (at < bytes.length) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
};

/** Writes parts. The next part and its checksum are computed while the previous one is being written. */
const writeParts = async (file: FileHandle, data: BlobData): Promise<void> => {
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const part of coalesce(data)) {
      await writing;
      writing = writeAll(file, part);
    }
  } finally {
    // If the source fails, the file must not be closed during a write.
    await writing;
  }
};

const readRange = async (file: FileHandle, size: number, range: ByteRange | undefined) => {
  const offset = Math.min(range?.offset ?? 0, size);
  const length = Math.min(range?.length ?? size, size - offset);
  // Not zero-filled, because only bytes that were read are returned.
  const bytes = Buffer.allocUnsafeSlow(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await file.read(
      bytes,
      at,
      Math.min(length - at, LONGEST_READ),
      offset + at,
    );
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at === length
    ? new Uint8Array(bytes.buffer, 0, length)
    : new Uint8Array(bytes.subarray(0, at));
};

/** Options of `fileSystemBackend`. */
interface FileSystemOptions {
  readonly fs?: FileSystemOperations | undefined;
}

/** Names the path and the code of a system error. */
const namingPath = async <T>(
  path: string,
  expected: string,
  operation: () => Promise<T>,
): Promise<T> => {
  try {
    return await operation();
  } catch (error) {
    throw asPathError(error, path, expected);
  }
};

const backendOf = (root: string, fs: FileSystemOperations): CheckpointBackend => {
  const pathOfBlob = (name: string) => {
    assertBlobName(name);
    if (isReserved(name)) throw new InvalidBlobNameError(name, 'a name that the backend reserves');
    return join(root, name);
  };
  const entries = () =>
    namingPath(root, 'a directory that can be read', async () => {
      try {
        return await fs.readdir(root, { withFileTypes: true });
      } catch (error) {
        if (isSystemError(error, 'ENOENT')) return [];
        throw error;
      }
    });
  const syncDirectory = async () => {
    // Windows cannot sync directories.
    if (process.platform === 'win32') return;
    const handle = await fs.open(root, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  const writeFile = async (path: string, data: BlobData) => {
    const temporary = join(root, temporaryName());
    try {
      const file = await fs.open(temporary, 'wx');
      try {
        await writeParts(file, data);
        await file.sync();
      } finally {
        await file.close();
      }
      await fs.rename(temporary, path);
    } catch (error) {
      await fs.unlink(temporary).catch(() => undefined);
      throw error;
    }
    await syncDirectory();
  };
  return {
    resolve: (name) => join(root, name),
    write: async (name, data) => {
      const path = pathOfBlob(name);
      await makeDirectory(root, fs);
      await namingPath(path, 'a file that can be written', () => writeFile(path, data));
    },
    read: async (name, range) => {
      const path = pathOfBlob(name);
      return namingPath(path, 'a file that can be read', async () => {
        let file: FileHandle;
        try {
          file = await fs.open(path, READ_FLAGS);
        } catch (cause) {
          if (isSystemError(cause, 'ENOENT')) throw new BlobNotFoundError(path, { cause });
          throw cause;
        }
        try {
          const stats = await file.stat();
          if (!stats.isFile()) throw new BlobNotFoundError(path);
          return await readRange(file, stats.size, range);
        } finally {
          await file.close();
        }
      });
    },
    size: async (name) => {
      const path = pathOfBlob(name);
      return namingPath(path, 'a file that can be read', async () => {
        try {
          const stats = await fs.stat(path);
          return stats.isFile() ? stats.size : undefined;
        } catch (error) {
          if (isSystemError(error, 'ENOENT')) return undefined;
          throw error;
        }
      });
    },
    list: async (prefix = '') =>
      sortByUtf8(
        (await entries())
          .filter((entry) => entry.isFile() || entry.isSymbolicLink())
          .map((entry) => entry.name)
          .filter((name) => name.startsWith(prefix) && isBlobName(name) && !isReserved(name)),
      ),
    delete: async (name) => {
      const path = pathOfBlob(name);
      await namingPath(path, 'a file that can be deleted', () => unlinkIfPresent(fs, path));
    },
    clean: async ({ exclusive }) => {
      const names = (await entries()).map((entry) => entry.name).filter(isTemporaryName);
      for (const name of names) {
        if (exclusive || isOrphan(name)) await unlinkIfPresent(fs, join(root, name));
      }
    },
    lock: async () => {
      await makeDirectory(root, fs);
      return namingPath(root, 'a directory that can be written', () => lockOf(root, fs).lock());
    },
  };
};

/**
 * Stores blobs as the files of one directory, which the first write creates.
 *
 * A write goes to a temporary file in the directory, which is synced and renamed; then the directory is synced. After
 * a crash at any point, the file is either the old one or the new one. `list` omits directories, temporary files and
 * the lock.
 *
 * @param directory a path or a `file:` URL, resolved against the working directory once
 * @param options.fs the file system. Default: `node:fs/promises`.
 * @throws ArgumentError for a value that is no path. The methods throw a PathError with the path and the code if the
 *   system refuses an operation.
 */
export const fileSystemBackend = checkedFunction(
  'fileSystemBackend()',
  { directory: required(), options: options<FileSystemOptions>({ fs: kinds.object }) },
  (directory: string | URL, { fs = nodeFileSystem }: FileSystemOptions = {}): CheckpointBackend => {
    const backend = backendOf(pathOf(directory, 'checkpoint directory'), fs);
    checkBackendArguments('fileSystemBackend', backend);
    return backend;
  },
);
