import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArgumentError, describeArgument } from './arguments';
import { ExplainedError, reasonOf } from './errors';

/** The code of a system error, such as `ENOENT`; undefined for any other value. */
export const systemCodeOf = (error: unknown): string | undefined =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  // Node's own codes, such as ERR_INVALID_ARG_TYPE, are not about a path.
  /^E[A-Z\d]+$/.test(error.code)
    ? error.code
    : undefined;

const REASONS: Readonly<Record<string, readonly [reason: string, fix: string]>> = {
  EACCES: ['permission denied', 'Change the permissions, or pass another path.'],
  EDQUOT: ['the disk quota is exceeded', 'Free some space, or pass another path.'],
  EEXIST: ['something else has this path', 'Remove it, or pass another path.'],
  EISDIR: ['it is a directory', 'Pass the path of a file.'],
  ELOOP: ['too many symbolic links', 'Correct the links, or pass another path.'],
  EMFILE: ['too many open files', 'Close files, or raise the limit with "ulimit -n".'],
  ENAMETOOLONG: ['a name in the path is too long', 'Pass a shorter path.'],
  ENOENT: ['no such file or directory, and none can be created', 'Pass another path.'],
  ENOSPC: ['no space left on the device', 'Free some space, or pass another path.'],
  ENOTDIR: ['a part of the path is not a directory', 'Correct the path.'],
  EPERM: ['operation not permitted', 'Change the permissions, or pass another path.'],
  EROFS: ['the file system is read-only', 'Pass a path of a file system that can be written.'],
};

/**
 * A file or directory can't be created, read, or written.
 *
 * Each package has its own copy of this class; `instanceof` accepts the errors of all of them.
 */
export class PathError extends ExplainedError {
  override readonly name = 'PathError';

  static override [Symbol.hasInstance](value: unknown): value is PathError {
    return (
      value instanceof Error && value.name === 'PathError' && 'path' in value && 'code' in value
    );
  }

  readonly path: string;
  /** The system's code, such as `EACCES`. */
  readonly code: string;

  /**
   * @param expected what should have been possible, such as "a directory that can be created"
   * @param reason replaces the usual explanation of the code
   */
  constructor(
    path: string,
    code: string,
    expected: string,
    options: ErrorOptions & { readonly reason?: string | undefined } = {},
  ) {
    const [usual, fix] = REASONS[code] ?? [
      options.cause === undefined ? 'the operation failed' : reasonOf(options.cause),
      'Pass another path, or repair the file system.',
    ];
    super(
      { subject: path, expected, actual: `${code}: ${options.reason ?? usual}`, fix },
      { cause: options.cause },
    );
    this.path = path;
    this.code = code;
  }
}

/** Turns a system error into a PathError; returns any other value unchanged. */
export const asPathError = (error: unknown, path: string, expected: string): unknown => {
  const code = error instanceof PathError ? undefined : systemCodeOf(error);
  return code === undefined ? error : new PathError(path, code, expected, { cause: error });
};

const pathOfUrl = (url: string | URL, subject: string): string => {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new ArgumentError(
      {
        subject,
        expected: 'a path, or a "file:" URL of this machine',
        actual: `"${url}" (${reasonOf(cause)})`,
        fix: 'Pass a path such as "runs/mnist", or new URL("runs/mnist", import.meta.url).',
      },
      { cause },
    );
  }
};

/**
 * The absolute path of a string or a `file:` URL. Relative paths start from the working directory.
 *
 * @param subject names the value in messages, such as `modelDir`
 * @throws ArgumentError for an empty string, a string with a NUL, another URL, or any other value
 */
export const pathOf = (value: unknown, subject: string): string => {
  // Two letters at least, since "c://" starts a path on Windows.
  const isUrl =
    value instanceof URL || (typeof value === 'string' && /^[a-z][\w+.-]+:\/\//i.test(value));
  if (isUrl) return pathOfUrl(value, subject);
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return resolve(value);
  throw new ArgumentError({
    subject,
    expected: 'a path or a "file:" URL',
    actual: value === '' ? 'an empty string' : describeArgument(value),
    fix: 'Pass a path such as "runs/mnist"; "." is the working directory.',
  });
};

type Operation = { readonly kind: 'mkdir' | 'stat'; readonly path: string };

/** The error of an operation; for `stat`, else whether the path is a directory. */
interface Outcome {
  readonly error?: unknown;
  readonly isDirectory?: boolean;
}

const EXPECTED = 'a directory that exists or can be created';

/**
 * The operations that make a directory and its parents. Node's own recursive `mkdir` never returns where the file
 * system answers ENOENT although the parent exists, as in `/proc`.
 */
function* directorySteps(path: string): Generator<Operation, void, Outcome> {
  const existing = yield { kind: 'stat', path };
  if (existing.isDirectory) return;
  const fail = (code: string, cause: unknown, reason?: string): never => {
    throw new PathError(path, code, EXPECTED, { cause, reason });
  };
  if (existing.error === undefined) fail('ENOTDIR', undefined, 'it is a file');
  const parent = dirname(path);
  const code = systemCodeOf(existing.error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') fail(code ?? 'EIO', existing.error);
  if (parent !== path) yield* directorySteps(parent);
  const made = yield { kind: 'mkdir', path };
  if (made.error === undefined) return;
  // Another process may have been faster.
  const after = yield { kind: 'stat', path };
  if (after.isDirectory) return;
  const isDangling = systemCodeOf(made.error) === 'EEXIST' && after.error !== undefined;
  const reason = isDangling ? 'it is a symbolic link to nothing' : undefined;
  fail(isDangling ? 'ENOENT' : (systemCodeOf(made.error) ?? 'EIO'), made.error, reason);
}

/** The functions of `node:fs/promises` that `makeDirectory` uses. */
export interface DirectoryOperations {
  mkdir(path: string): Promise<unknown>;
  stat(path: string): Promise<{ isDirectory(): boolean }>;
}

/**
 * Makes a directory and its parents. Does nothing if it exists.
 *
 * @param path an absolute path, as `pathOf` returns it
 * @throws PathError with the path that can't be made and the system's code
 */
export const makeDirectory = async (
  path: string,
  fs: DirectoryOperations = { mkdir: (at) => mkdir(at), stat: (at) => stat(at) },
): Promise<void> => {
  const perform = async (operation: Operation): Promise<Outcome> => {
    try {
      if (operation.kind === 'stat')
        return { isDirectory: (await fs.stat(operation.path)).isDirectory() };
      await fs.mkdir(operation.path);
      return {};
    } catch (error) {
      return { error };
    }
  };
  const steps = directorySteps(path);
  let step = steps.next();
  while (!step.done) step = steps.next(await perform(step.value));
};

const performSync = (operation: Operation): Outcome => {
  try {
    if (operation.kind === 'stat') return { isDirectory: statSync(operation.path).isDirectory() };
    mkdirSync(operation.path);
    return {};
  } catch (error) {
    return { error };
  }
};

/** `makeDirectory`, without a promise. */
export const makeDirectorySync = (path: string): void => {
  const steps = directorySteps(path);
  let step = steps.next();
  while (!step.done) step = steps.next(performSync(step.value));
};
