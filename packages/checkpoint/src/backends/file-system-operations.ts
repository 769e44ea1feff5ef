import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isRunning, thisProcess } from './process-identity';

/** The functions of `node:fs/promises` that the file-system backend uses. */
export interface FileSystemOperations {
  readonly open: typeof open;
  readonly rename: typeof rename;
  readonly unlink: typeof unlink;
  readonly link: typeof link;
  readonly mkdir: typeof mkdir;
  readonly readdir: typeof readdir;
  readonly stat: typeof stat;
}

export const nodeFileSystem: FileSystemOperations = {
  link,
  mkdir,
  open,
  readdir,
  rename,
  stat,
  unlink,
};

/** True for system errors with one of these codes, such as `ENOENT`. */
export const isSystemError = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  codes.includes(error.code);

export const unlinkIfPresent = async (fs: FileSystemOperations, path: string): Promise<void> => {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
};

/** The writer's host (in hex), process id and start time, and a random part. */
const TEMPORARY_NAME = /^\.tempstate-([\da-f]+)-(\d+)-(\d*)-[\da-f]+$/;

const hexHost = (host: string): string => Buffer.from(host).toString('hex').slice(0, 32);

/** A name for a file while it is being written. It identifies the writer, so that orphans can be recognised. */
export const temporaryName = (): string => {
  const { host, pid, started } = thisProcess();
  return `.tempstate-${hexHost(host)}-${pid}-${started ?? ''}-${randomBytes(6).toString('hex')}`;
};

export const isTemporaryName = (name: string): boolean => TEMPORARY_NAME.test(name);

/** True if the process that wrote a temporary file is known to have ended. */
export const isOrphan = (name: string): boolean => {
  const [, host, pid, started] = TEMPORARY_NAME.exec(name) ?? [];
  if (host !== hexHost(hostname()) || pid === undefined) return false;
  const writer = {
    host: hostname(),
    pid: Number(pid),
    started: started === '' ? undefined : started,
  };
  return isRunning(writer) === false;
};
