import { link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';

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
