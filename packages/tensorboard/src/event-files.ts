import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isEventFileName } from './event-file-name';

/**
 * The event files of a run in TensorBoard's order, which is that of their names.
 *
 * @param fileOrDir a file is taken for an event file whatever its name
 */
export const eventFiles = async (fileOrDir: string): Promise<string[]> => {
  if (!(await stat(fileOrDir)).isDirectory()) return [fileOrDir];
  const names = (await readdir(fileOrDir)).filter(isEventFileName);
  return names.sort().map((name) => join(fileOrDir, name));
};
