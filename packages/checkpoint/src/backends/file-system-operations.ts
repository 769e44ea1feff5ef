import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isRunning, type ProcessIdentity, thisProcess } from './process-identity';

/** What the file-system backend asks of a file system; `node:fs/promises` by default. */
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

/** Whether an error is one of these system errors, as `ENOENT`. */
export const isSystemError = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');

/** Removes a file; one that is gone already is no error. */
export const unlinkIfThere = async (fs: FileSystemOperations, path: string): Promise<void> => {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
};

/** What a name under which a blob is being written says of who writes it. */
const PATTERN = /^\.tempstate-([\da-f]+)-(\d+)-(\d*)-[\da-f]+$/;

const hexHost = (host: string): string => Buffer.from(host).toString('hex').slice(0, 32);

/** A name for a blob that is being written; it names the writer, so that leftovers are recognised. */
export const temporaryName = (): string => {
  const { host, pid, started } = thisProcess();
  return `.tempstate-${hexHost(host)}-${pid}-${started ?? ''}-${randomBytes(6).toString('hex')}`;
};

/** Whether a file is a blob being written, or what was left of one. */
export const isTemporaryName = (name: string): boolean => PATTERN.test(name);

/** Whether the process that wrote under this name is known to be gone. */
export const isLeftover = (name: string): boolean => {
  const [, host, pid, started] = PATTERN.exec(name) ?? [];
  if (host !== hexHost(hostname()) || pid === undefined) return false;
  const writer: ProcessIdentity = {
    host: hostname(),
    pid: Number(pid),
    started: started === '' ? undefined : started,
  };
  return isRunning(writer) === false;
};
