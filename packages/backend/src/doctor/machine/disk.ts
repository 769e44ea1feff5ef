import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { DiskFacts } from '../doctor-report';

const freeBytes = async (directory: string): Promise<number> => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};

/** Free space where models and logs go by default: the working directory and temporary files. */
export const diskFacts = (cwd: string): Promise<DiskFacts[]> =>
  Promise.all(
    (
      [
        ['working directory', cwd],
        ['temporary files', tmpdir()],
      ] as const
    ).map(async ([use, directory]) => ({ use, directory, freeBytes: await freeBytes(directory) })),
  );
