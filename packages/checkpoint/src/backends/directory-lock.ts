import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDirectory } from '@elistimator/internal';
import { DirectoryLockedError } from '../errors';
import {
  type FileSystemOperations,
  isSystemError,
  temporaryName,
  unlinkIfPresent,
} from './file-system-operations';
import {
  identityFrom,
  isRunning,
  type ProcessIdentity,
  parseLockFields,
  thisProcess,
} from './process-identity';
import type { Release } from './shared-lock';

export const LOCK_NAME = '.elistimator.lock';

/** Without hard links, a lock file is empty for a moment; if its writer is killed then, it stays empty. */
const EMPTY_FOR_MS = 1000;
const POLL_MS = 50;
/** Removing a stale lock takes a moment. A process that needs more polls than this is stuck. */
const ATTEMPTS = 100;

const heldPaths = new Set<string>();
let watchesExit = false;

/** Removes the lock if the process exits without `close()`. A killed process leaves it, but it is then stale. */
const releaseAtExit = (path: string) => {
  heldPaths.add(path);
  if (watchesExit) return;
  watchesExit = true;
  process.on('exit', () => {
    for (const heldPath of heldPaths) {
      try {
        unlinkSync(heldPath);
      } catch {
        // The lock of an ended process is stale anyway.
      }
    }
  });
};

const readText = async (fs: FileSystemOperations, path: string): Promise<string | undefined> => {
  try {
    const file = await fs.open(path, 'r');
    try {
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
};

/** Creates a file that names this process. Returns false if the file exists. */
const createExclusively = async (fs: FileSystemOperations, path: string): Promise<boolean> => {
  let file: Awaited<ReturnType<FileSystemOperations['open']>>;
  try {
    file = await fs.open(path, 'wx');
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  }
  try {
    await file.writeFile(JSON.stringify(thisProcess()));
  } finally {
    await file.close();
  }
  return true;
};

/** Errors of link() on file systems without hard links, such as FAT and some network drives. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EISDIR', 'EINVAL'];

/**
 * Creates the lock file. Returns false if it exists. The file is never seen without its contents: it starts as a
 * hard link to a complete temporary file. Unlike a rename, a link does not replace an existing file.
 */
const createLockFile = async (fs: FileSystemOperations, path: string): Promise<boolean> => {
  const temporary = join(dirname(path), temporaryName());
  try {
    await createExclusively(fs, temporary);
    await fs.link(temporary, path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    if (isSystemError(error, ...NO_LINKS)) return await createExclusively(fs, path);
    throw error;
  } finally {
    // A failure must not hide that the lock was taken; clean() removes the temporary file later.
    await fs.unlink(temporary).catch(() => undefined);
  }
};

/** The contents of a lock file; its holder is undefined if it has ended. Undefined if there is no file. */
const inspect = async (
  fs: FileSystemOperations,
  path: string,
): Promise<{ readonly text: string; readonly holder: ProcessIdentity | undefined } | undefined> => {
  for (let waited = 0; ; waited += POLL_MS) {
    const text = await readText(fs, path);
    if (text === undefined) return undefined;
    const holder = identityFrom(parseLockFields(text));
    if (holder !== undefined)
      return { text, holder: isRunning(holder) === false ? undefined : holder };
    if (waited >= EMPTY_FOR_MS) return { text, holder };
    await sleep(POLL_MS);
  }
};

/**
 * Removes a stale lock. Several processes may find the same lock stale, so each first tries to create a claim, a file
 * whose name depends on the contents of the lock. Only the process that succeeds may remove the lock, after reading
 * it again. A claim is stale in turn if its process was killed.
 *
 * @returns the process that is removing the lock, if it is another one
 */
const removeStale = async (
  fs: FileSystemOperations,
  path: string,
  staleText: string,
): Promise<ProcessIdentity | undefined> => {
  const claim = `${path}-${createHash('sha256').update(staleText).digest('hex').slice(0, 12)}`;
  if (await createLockFile(fs, claim)) {
    try {
      if ((await readText(fs, path)) === staleText) await unlinkIfPresent(fs, path);
    } finally {
      await unlinkIfPresent(fs, claim);
    }
    return undefined;
  }
  const other = await inspect(fs, claim);
  if (other === undefined || other.holder !== undefined) return other?.holder;
  return removeStale(fs, claim, other.text);
};

/**
 * Locks a directory for writing with a file that names the holder.
 *
 * A lock whose holder ran on this host and has ended is taken over. A lock from another host cannot be checked and is
 * respected.
 *
 * @throws DirectoryLockedError if it is held, also by this process: `SharedLock` shares it there
 */
export const lockDirectory = async (
  directory: string,
  fs: FileSystemOperations,
): Promise<Release> => {
  const path = join(directory, LOCK_NAME);
  await makeDirectory(directory, fs);
  for (let attempt = 0; !(await createLockFile(fs, path)); attempt++) {
    const current = await inspect(fs, path);
    if (current?.holder) throw new DirectoryLockedError(directory, current.holder, path);
    const remover = current && (await removeStale(fs, path, current.text));
    if (remover === undefined) continue;
    if (attempt > ATTEMPTS) throw new DirectoryLockedError(directory, remover, path);
    await sleep(POLL_MS);
  }
  releaseAtExit(path);
  return async () => {
    if (heldPaths.delete(path)) await unlinkIfPresent(fs, path);
  };
};
