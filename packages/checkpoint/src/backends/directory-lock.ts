import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DirectoryLockedError } from '../errors';
import {
  type FileSystemOperations,
  isSystemError,
  temporaryName,
  unlinkIfThere,
} from './file-system-operations';
import { isRunning, type ProcessIdentity, thisProcess } from './process-identity';

export const LOCK_NAME = '.elistimator.lock';

/** Only where there are no hard links, a lock is without its name for a moment; for longer, if killed in between. */
const NAMELESS_FOR_MS = 1000;
const POLL_MS = 50;
/** To remove a stale lock takes a moment; one who claimed it and is still at it after this many looks is stuck. */
const ATTEMPTS = 100;

const held = new Set<string>();
let exitWatched = false;

/** A process that ends without `close()` leaves no lock; only a killed one does, and that is recognised. */
const releaseAtExit = (path: string) => {
  held.add(path);
  if (exitWatched) return;
  exitWatched = true;
  process.on('exit', () => {
    for (const lock of held) {
      try {
        unlinkSync(lock);
      } catch {
        // Nobody is left to tell, and a lock of a process that is gone counts as none.
      }
    }
  });
};

const parseHolder = (text: string): ProcessIdentity | undefined => {
  try {
    const { pid, host, started } = JSON.parse(text);
    if (!Number.isSafeInteger(pid) || typeof host !== 'string') return undefined;
    return { pid, host, started: typeof started === 'string' ? started : undefined };
  } catch {
    return undefined;
  }
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

/** Makes a file with this process's name in it; false when there is one already. */
const write = async (fs: FileSystemOperations, path: string): Promise<boolean> => {
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

/** What systems say to a hard link where the file system has none: FAT, some network drives. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EISDIR', 'EINVAL'];

/**
 * Makes the lock file; false when there is one already. It has its holder's name from the moment it is there: a
 * temporary file becomes it by a hard link, which unlike renaming replaces nothing.
 */
const create = async (fs: FileSystemOperations, path: string): Promise<boolean> => {
  const temporary = join(dirname(path), temporaryName());
  try {
    await write(fs, temporary);
    await fs.link(temporary, path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    if (isSystemError(error, ...NO_LINKS)) return await write(fs, path);
    throw error;
  } finally {
    // One that stays is recognised by its name; that it stays must not make a lock that was taken look refused.
    await fs.unlink(temporary).catch(() => undefined);
  }
};

/** What a lock file says: its holder, unless that is known to be gone; undefined when there is no file. */
const inspect = async (
  fs: FileSystemOperations,
  path: string,
): Promise<{ readonly text: string; readonly holder: ProcessIdentity | undefined } | undefined> => {
  for (let waited = 0; ; waited += POLL_MS) {
    const text = await readText(fs, path);
    if (text === undefined) return undefined;
    const holder = parseHolder(text);
    if (holder !== undefined) {
      return { text, holder: isRunning(holder) === false ? undefined : holder };
    }
    if (waited >= NAMELESS_FOR_MS) return { text, holder };
    await sleep(POLL_MS);
  }
};

/**
 * Removes a stale lock, unless another process is at it. Many may find the same one stale: only who claims it,
 * by a file named for what the lock says, may remove it, and looks at it again first. A claim whose claimant was
 * killed is stale in turn.
 *
 * @returns who is at it, if another one is
 */
const removeStale = async (
  fs: FileSystemOperations,
  path: string,
  stale: string,
): Promise<ProcessIdentity | undefined> => {
  const claim = `${path}-${createHash('sha256').update(stale).digest('hex').slice(0, 12)}`;
  if (await create(fs, claim)) {
    try {
      if ((await readText(fs, path)) === stale) await unlinkIfThere(fs, path);
    } finally {
      await unlinkIfThere(fs, claim);
    }
    return undefined;
  }
  const found = await inspect(fs, claim);
  if (found === undefined || found.holder !== undefined) return found?.holder;
  return removeStale(fs, claim, found.text);
};

/**
 * Takes a directory for writing, by a file that names the holder.
 *
 * A lock whose holder ran on this host and is gone is taken over. One of another host cannot be checked and
 * is respected.
 *
 * @returns what releases it
 * @throws DirectoryLockedError when it is held, by this process too: `SharedLock` shares it there
 */
export const lockDirectory = async (
  directory: string,
  fs: FileSystemOperations,
): Promise<() => Promise<void>> => {
  const path = join(directory, LOCK_NAME);
  await fs.mkdir(directory, { recursive: true });
  for (let attempt = 0; !(await create(fs, path)); attempt++) {
    const found = await inspect(fs, path);
    if (found?.holder) throw new DirectoryLockedError(directory, found.holder, path);
    const other = found && (await removeStale(fs, path, found.text));
    if (other === undefined) continue;
    if (attempt > ATTEMPTS) throw new DirectoryLockedError(directory, other, path);
    await sleep(POLL_MS);
  }
  releaseAtExit(path);
  return async () => {
    if (held.delete(path)) await unlinkIfThere(fs, path);
  };
};
