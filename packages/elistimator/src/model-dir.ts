import { mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { explain } from '@elistimator/core';

/** `modelDir` can't be made or used. */
export class ModelDirError extends Error {
  override readonly name = 'ModelDirError';
}

const kindOf = (path: string): 'directory' | 'file' | 'nothing' => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  return stats.isDirectory() ? 'directory' : 'file';
};

/**
 * The absolute path of the model's directory, which is made if its parent exists. Without a name, a
 * temporary directory, which stays until the user removes it.
 *
 * @throws ModelDirError when the parent is missing, or the path is a file
 */
export const openModelDir = (modelDir: string | undefined): string => {
  if (modelDir === undefined) return mkdtempSync(join(tmpdir(), 'elistimator-'));
  const path = resolve(modelDir);
  const parent = dirname(path);
  const [subject, found] =
    kindOf(parent) === 'directory' ? [path, kindOf(path)] : [parent, kindOf(parent)];
  if (found === 'file' || subject === parent) {
    throw new ModelDirError(
      explain({
        subject: `modelDir "${modelDir}"`,
        expected: subject === parent ? `its parent ${parent} to be a directory` : 'a directory',
        actual: found === 'nothing' ? 'no such directory' : 'a file',
        fix: subject === parent ? 'Make the parent, or correct the path.' : 'Give another path.',
      }),
    );
  }
  mkdirSync(path, { recursive: true });
  return path;
};

/**
 * The absolute path of a directory that a run left behind.
 *
 * @throws ModelDirError when there is no such directory
 */
export const existingModelDir = (modelDir: string): string => {
  const path = resolve(modelDir);
  if (kindOf(path) === 'directory') return path;
  throw new ModelDirError(
    explain({
      subject: `modelDir "${modelDir}"`,
      expected: 'a directory that an earlier run left',
      actual: kindOf(path) === 'nothing' ? 'no such directory' : 'a file',
      fix: 'Correct the path.',
    }),
  );
};
