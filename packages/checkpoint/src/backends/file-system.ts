import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import { sortByUtf8 } from '../bytes';
import { BlobNotFoundError, InvalidBlobNameError } from '../errors';
import { coalesce } from './blob-data';
import {
  assertBlobName,
  type BlobData,
  type ByteRange,
  type CheckpointBackend,
  isBlobName,
} from './checkpoint-backend';
import { LOCK_NAME, lockDirectory } from './directory-lock';
import {
  type FileSystemOperations,
  isLeftover,
  isSystemError,
  isTemporaryName,
  nodeFileSystem,
  temporaryName,
  unlinkIfThere,
} from './file-system-operations';
import { SharedLock } from './shared-lock';

/** Node refuses a single read of 2 GiB or more. */
const LONGEST_READ = 1 << 30;

/** A pipe under a checkpoint's name must not block whoever opens it. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const isOurs = (name: string) => isTemporaryName(name) || name.startsWith(LOCK_NAME);

/** One lock for each directory, whichever backend of this process asks for it. */
const locks = new Map<string, SharedLock>();

const lockOf = (root: string, fs: FileSystemOperations): SharedLock => {
  const lock = locks.get(root) ?? new SharedLock(() => lockDirectory(root, fs));
  locks.set(root, lock);
  return lock;
};

const writeWhole = async (file: FileHandle, bytes: Uint8Array): Promise<void> => {
  let at = 0;
  while (at < bytes.length) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
};

/** While one part goes to the disk, the next one is made: sums are computed in the meantime. */
const writeParts = async (file: FileHandle, data: BlobData): Promise<void> => {
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const part of coalesce(data)) {
      await writing;
      writing = writeWhole(file, part);
    }
  } finally {
    // A source that fails must not leave a write behind on a file that is being closed.
    await writing;
  }
};

const readRange = async (file: FileHandle, size: number, range: ByteRange | undefined) => {
  const offset = Math.min(range?.offset ?? 0, size);
  const length = Math.min(range?.length ?? size, size - offset);
  // Its own buffer, not filled with zeros first; only what was read is given out.
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

/**
 * Stores blobs as the files of one directory, made at the first write.
 *
 * A write goes to a temporary name beside the file, is synced, renamed over it, and the directory is synced:
 * whatever dies in between, the file is the old one or the new one. `list` leaves out directories, temporary
 * names and the lock.
 *
 * @param directory a path; resolved against the working directory once
 * @param options.fs the file system; Node's own by default
 */
export const fileSystemBackend = (
  directory: string,
  options: { readonly fs?: FileSystemOperations } = {},
): CheckpointBackend => {
  const root = resolvePath(directory);
  const fs = options.fs ?? nodeFileSystem;
  const pathOf = (name: string) => {
    assertBlobName(name);
    if (isOurs(name))
      throw new InvalidBlobNameError(name, 'a name that the backend keeps for itself');
    return join(root, name);
  };
  const entries = async () => {
    try {
      return await fs.readdir(root, { withFileTypes: true });
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return [];
      throw error;
    }
  };
  const syncDirectory = async () => {
    // Windows has no handles of directories to sync.
    if (process.platform === 'win32') return;
    const handle = await fs.open(root, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  return {
    resolve: (name) => join(root, name),
    write: async (name, data) => {
      const path = pathOf(name);
      const temporary = join(root, temporaryName());
      await fs.mkdir(root, { recursive: true });
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
    },
    read: async (name, range) => {
      const path = pathOf(name);
      let file: FileHandle;
      try {
        file = await fs.open(path, READ);
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
    },
    size: async (name) => {
      try {
        const stats = await fs.stat(pathOf(name));
        return stats.isFile() ? stats.size : undefined;
      } catch (error) {
        if (isSystemError(error, 'ENOENT')) return undefined;
        throw error;
      }
    },
    list: async (prefix = '') =>
      sortByUtf8(
        (await entries())
          .filter((entry) => entry.isFile() || entry.isSymbolicLink())
          .map((entry) => entry.name)
          .filter((name) => name.startsWith(prefix) && isBlobName(name) && !isOurs(name)),
      ),
    delete: async (name) => unlinkIfThere(fs, pathOf(name)),
    clean: async ({ exclusive }) => {
      const names = (await entries()).map((entry) => entry.name).filter(isTemporaryName);
      for (const name of names) {
        if (exclusive || isLeftover(name)) await unlinkIfThere(fs, join(root, name));
      }
    },
    lock: () => lockOf(root, fs).lock(),
  };
};
