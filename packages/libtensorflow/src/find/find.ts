import { checkedAsyncFunction, kinds, options, pathOf, reasonOf } from '@elistimator/internal';
import { describeLibrary } from './inspect';
import { isSupported } from './library-files';
import { type Machine, thisMachine } from './machine';
import { findAtPath, listPlaces, type SearchPlace } from './places';
import {
  type FoundLibtensorflow,
  installCommand,
  type LibrarySource,
  LibtensorflowNotFoundError,
  type SearchAttempt,
  type SearchReport,
} from './report';

/** Options of `findLibtensorflow()`. */
export interface FindOptions {
  /**
   * A libtensorflow, a directory that contains one, a Python environment, or its site-packages. If it has no
   * usable library, the search fails instead of continuing elsewhere.
   */
  readonly path?: string | URL | undefined;
  /** Environment variables; those of this process by default. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The directory from which virtual environments are searched upward; the working directory by default. */
  readonly cwd?: string | URL | undefined;
  /** Continues after the first library, so that `alternatives` is complete. */
  readonly all?: boolean | undefined;
  /** Milliseconds that a Python interpreter may take to answer; 10,000 by default. */
  readonly interpreterTimeoutMs?: number | undefined;
}

/** The variable that names a libtensorflow, or a directory that contains one. */
const pathVariable = 'ELISTIMATOR_LIBTENSORFLOW';

const findNamed = (
  subject: string,
  path: string,
  source: LibrarySource,
  machine: Machine,
): FoundLibtensorflow => {
  try {
    return findAtPath(path, source, machine);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new LibtensorflowNotFoundError(
      {
        subject,
        expected:
          'a libtensorflow for this machine, a directory that contains one, or a Python environment with TensorFlow',
        actual: `'${path}': ${reason}`,
        fix: `Correct the path, remove it to search this machine, or run: ${installCommand({ platform: machine.platform, arch: machine.arch })}`,
      },
      [{ place: path, outcome: reason }],
      { cause },
    );
  }
};

/** The library that the user named by option or variable, which precedes every other place. */
const findByUser = (path: string | undefined, machine: Machine): FoundLibtensorflow | undefined => {
  if (path !== undefined) return findNamed('option "path"', path, 'option', machine);
  const fromEnvironment = machine.env[pathVariable];
  return fromEnvironment
    ? findNamed(pathVariable, fromEnvironment, 'environment', machine)
    : undefined;
};

/** @param all continues after the first library */
const searchPlaces = async (
  places: readonly SearchPlace[],
  all: boolean,
): Promise<SearchReport> => {
  const libraries = new Map<string, FoundLibtensorflow>();
  const attempts: SearchAttempt[] = [];
  for (const { name, find } of places) {
    if (libraries.size > 0 && !all) break;
    try {
      const library = await find();
      const isDuplicate = libraries.has(library.path);
      if (!isDuplicate) libraries.set(library.path, library);
      const outcome = isDuplicate ? `same as above: ${library.path}` : describeLibrary(library);
      attempts.push({ place: name, outcome });
    } catch (error) {
      attempts.push({ place: name, outcome: reasonOf(error) });
    }
  }
  const [found, ...alternatives] = libraries.values();
  return { ...(found === undefined ? {} : { found }), alternatives, attempts };
};

/**
 * Searches a machine.
 *
 * @throws LibtensorflowNotFoundError if `path`, or the variable, names no usable library
 */
export const search = async (
  path: string | undefined,
  all: boolean,
  machine: Machine,
): Promise<SearchReport> => {
  const { platform } = machine;
  if (!isSupported(platform)) {
    const outcome = 'its libtensorflow is not supported yet; Linux and macOS are';
    return { alternatives: [], attempts: [{ place: platform, outcome }] };
  }
  const library = findByUser(path, machine);
  const places = listPlaces(machine);
  if (library === undefined) {
    const { attempts, ...report } = await searchPlaces(places, all);
    return { ...report, attempts: [{ place: pathVariable, outcome: 'not set' }, ...attempts] };
  }
  const name = library.source === 'option' ? 'option "path"' : pathVariable;
  return searchPlaces([{ name, find: () => library }, ...places], all);
};

/** The options of a search, and the kinds of their values. */
export const findOptions = options<FindOptions>({
  path: true,
  env: kinds.object,
  cwd: true,
  all: kinds.boolean,
  interpreterTimeoutMs: kinds.positiveInteger,
});

const searches = new Map<string, Promise<SearchReport>>();

/**
 * Finds the libtensorflow of this machine without opening it.
 *
 * Searches in this order: `path`; `ELISTIMATOR_LIBTENSORFLOW`; the library of an installed
 * `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`; the TensorFlow of a Python interpreter (in the active
 * virtual or conda environment, in `.venv`, `venv` or `env` from the working directory upward, `python3` and
 * `python` on PATH, then the environments of pyenv, virtualenvwrapper, conda and pipx); the system's libraries.
 * Searching again with the same options returns the same report.
 *
 * @throws ArgumentError for an unknown option, or a value of the wrong type
 * @throws LibtensorflowNotFoundError if `path`, or the variable, names no usable library
 */
export const findLibtensorflow = checkedAsyncFunction(
  'findLibtensorflow()',
  { options: findOptions },
  (options: FindOptions = {}): Promise<SearchReport> => {
    const { all = false, interpreterTimeoutMs = 10_000, env = process.env } = options;
    const path = options.path === undefined ? undefined : pathOf(options.path, 'path');
    const cwd = options.cwd === undefined ? process.cwd() : pathOf(options.cwd, 'cwd');
    const key = JSON.stringify([path, all, interpreterTimeoutMs, cwd, Object.entries(env).sort()]);
    const cached = searches.get(key);
    if (cached !== undefined) return cached;
    const report = search(path, all, thisMachine(env, cwd, interpreterTimeoutMs));
    searches.set(key, report);
    // The user may fix a wrong path while the process runs.
    report.catch(() => searches.delete(key));
    return report;
  },
);

/**
 * Returns the library of a report.
 *
 * @throws LibtensorflowNotFoundError if there is none, with the command that installs one
 */
export const requireLibtensorflow = ({ found, attempts }: SearchReport): FoundLibtensorflow => {
  if (found !== undefined) return found;
  throw new LibtensorflowNotFoundError(
    {
      subject: 'libtensorflow',
      expected: 'one on this machine',
      actual: `none (${attempts.map(({ place, outcome }) => `${place}: ${outcome}`).join('; ')})`,
      fix: `Run: ${installCommand()}`,
    },
    attempts,
  );
};
