import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DirectoryLockedError } from '../errors';
import { type FileSystemOperations, isSystemError, unlinkIfThere } from './file-system-operations';
import { isRunning, type ProcessIdentity, thisProcess } from './process-identity';

export const LOCK_NAME = '.elistimator.lock';

/** A holder writes its name right after it made the file; one still empty after this was killed in between. */
const NAMELESS_FOR_MS = 1000;
const POLL_MS = 50;

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

/** Makes the lock file with this process's name in it; false when there is one already. */
const create = async (fs: FileSystemOperations, path: string): Promise<boolean> => {
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

/**
 * Moves a stale lock away. Two processes may find the same one stale: what was moved is looked at again,
 * and put back if it is another's fresh one.
 */
const removeStale = async (
  fs: FileSystemOperations,
  path: string,
  stale: string | undefined,
): Promise<void> => {
  const aside = `${path}-${randomBytes(6).toString('hex')}`;
  try {
    await fs.rename(path, aside);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readText(fs, aside)) !== stale) await fs.link(aside, path).catch(() => undefined);
  await unlinkIfThere(fs, aside);
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
  let waited = 0;
  await fs.mkdir(directory, { recursive: true });
  while (!(await create(fs, path))) {
    const text = await readText(fs, path);
    const holder = text === undefined ? undefined : parseHolder(text);
    if (holder !== undefined && isRunning(holder) !== false) {
      throw new DirectoryLockedError(directory, holder, path);
    }
    if (holder === undefined && waited < NAMELESS_FOR_MS) {
      waited += POLL_MS;
      await sleep(POLL_MS);
    } else {
      await removeStale(fs, path, text);
    }
  }
  releaseAtExit(path);
  return async () => {
    if (held.delete(path)) await unlinkIfThere(fs, path);
  };
};
