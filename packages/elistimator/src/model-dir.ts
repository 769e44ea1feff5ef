import { mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { explain } from '@elistimator/core';

/** `modelDir` can't be created or used. */
export class ModelDirError extends Error {
  override readonly name = 'ModelDirError';
}

const kindOf = (path: string): 'directory' | 'file' | 'nothing' => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  return stats.isDirectory() ? 'directory' : 'file';
};

/**
 * Returns the absolute path of the model's directory, and creates it if its parent exists. Without a path,
 * creates a temporary directory, which stays until the user removes it.
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
        fix: subject === parent ? 'Create the parent, or correct the path.' : 'Pass another path.',
      }),
    );
  }
  mkdirSync(path, { recursive: true });
  return path;
};

/**
 * The absolute path of the directory of an earlier run.
 *
 * @throws ModelDirError when the directory does not exist
 */
export const existingModelDir = (modelDir: string): string => {
  const path = resolve(modelDir);
  if (kindOf(path) === 'directory') return path;
  throw new ModelDirError(
    explain({
      subject: `modelDir "${modelDir}"`,
      expected: 'the directory of an earlier run',
      actual: kindOf(path) === 'nothing' ? 'no such directory' : 'a file',
      fix: 'Correct the path.',
    }),
  );
};
