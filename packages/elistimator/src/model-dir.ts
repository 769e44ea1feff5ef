import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  asPathError,
  ExplainedError,
  ExplainedTypeError,
  type Explanation,
  makeDirectorySync,
  PathError,
  pathOf,
} from '@elistimator/internal';

/** `modelDir` can't be created or used. */
export class ModelDirError extends ExplainedError {
  override readonly name = 'ModelDirError';
  /** The system's code, such as `EACCES`, if the system refused an operation. */
  readonly code: string | undefined;

  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explanation, options);
    this.code = options?.cause instanceof PathError ? options.cause.code : undefined;
  }
}

const EXPECTED = 'a directory that can be read and written';

/** Names `modelDir` in the errors of an operation. */
const withModelDir = <T>(modelDir: unknown, operation: () => T): T => {
  try {
    return operation();
  } catch (error) {
    const cause = asPathError(error, String(modelDir), EXPECTED);
    // `pathOf` has named the option already.
    if (cause instanceof ExplainedTypeError) throw new ModelDirError(cause, { cause });
    if (!(cause instanceof PathError)) throw cause;
    const { path, actual, fix } = cause;
    const place = path === String(modelDir) ? '' : ` at ${path}`;
    throw new ModelDirError(
      { subject: `modelDir "${modelDir}"`, expected: EXPECTED, actual: `${actual}${place}`, fix },
      { cause },
    );
  }
};

const kindOf = (path: string): 'directory' | 'file' | 'nothing' => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  return stats.isDirectory() ? 'directory' : 'file';
};

const temporaryModelDir = (): string => {
  const prefix = join(tmpdir(), 'elistimator-');
  return withModelDir(`${prefix}…`, () => mkdtempSync(prefix));
};

/**
 * Returns the absolute path of the model's directory, and creates it if its parent exists. Without a path,
 * creates a temporary directory, which stays until the user removes it.
 *
 * @throws ModelDirError when the parent is missing, the path is a file, or the system refuses to create it
 */
export const openModelDir = (modelDir: string | URL | undefined): string => {
  if (modelDir === undefined) return temporaryModelDir();
  return withModelDir(modelDir, () => {
    const path = pathOf(modelDir, 'modelDir');
    const parent = dirname(path);
    const parentKind = kindOf(parent);
    if (parentKind !== 'directory') {
      throw new ModelDirError({
        subject: `modelDir "${modelDir}"`,
        expected: `its parent ${parent} to be a directory`,
        actual: parentKind === 'nothing' ? 'no such directory' : 'a file',
        fix: 'Create the parent, or correct the path.',
      });
    }
    if (kindOf(path) === 'file') {
      throw new ModelDirError({
        subject: `modelDir "${modelDir}"`,
        expected: 'a directory',
        actual: 'a file',
        fix: 'Pass another path.',
      });
    }
    makeDirectorySync(path);
    return path;
  });
};

/**
 * The absolute path of the directory of an earlier run.
 *
 * @throws ModelDirError when the directory does not exist
 */
export const existingModelDir = (modelDir: string | URL): string =>
  withModelDir(modelDir, () => {
    const path = pathOf(modelDir, 'modelDir');
    const kind = kindOf(path);
    if (kind === 'directory') return path;
    throw new ModelDirError({
      subject: `modelDir "${modelDir}"`,
      expected: 'the directory of an earlier run',
      actual: kind === 'nothing' ? 'no such directory' : 'a file',
      fix: 'Correct the path.',
    });
  });
