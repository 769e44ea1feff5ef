import { installCommand } from './install-command';
import { LibtensorflowNotFoundError } from './libtensorflow-not-found-error';
import { thisMachine } from './machine';
import { search } from './search';
import type { FoundLibtensorflow, SearchReport } from './search-report';

/** Where and how to search. */
export interface FindOptions {
  /**
   * A libtensorflow, a directory that holds one, a Python environment, or its site-packages. When it
   * is given, nothing else will do.
   */
  readonly path?: string | undefined;
  /** Environment variables; this process's when left out. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** From where projects and their virtual environments are searched; the working directory when left out. */
  readonly cwd?: string | undefined;
  /** Go on after the first, so that `alternatives` is complete. */
  readonly all?: boolean | undefined;
  /** Milliseconds that a Python may take to answer. 10 seconds when left out. */
  readonly interpreterTimeoutMs?: number | undefined;
}

const searches = new Map<string, Promise<SearchReport>>();

/**
 * Finds the libtensorflow of this machine, without opening it.
 *
 * Searched in this order: `path`; `ELISTIMATOR_LIBTENSORFLOW`; the library beside an installed
 * `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`; the TensorFlow of a Python (the active
 * virtual or conda environment, `.venv`, `venv` or `env` from the working directory upward, `python3` and `python`
 * on PATH, then the environments of pyenv, virtualenvwrapper, conda and pipx); the system's libraries.
 * A second search with the same options in this process gives the first one's report.
 *
 * @returns what was found, what else there is, and every place that was looked at
 * @throws LibtensorflowNotFoundError when `path`, or the variable, names something that holds none.
 */
export const findLibtensorflow = (options: FindOptions = {}): Promise<SearchReport> => {
  const { path, all = false, interpreterTimeoutMs = 10_000 } = options;
  const { env = process.env, cwd = process.cwd() } = options;
  const key = JSON.stringify([path, all, interpreterTimeoutMs, cwd, Object.entries(env).sort()]);
  const known = searches.get(key);
  if (known !== undefined) return known;
  const searched = search(path, all, thisMachine(env, cwd, interpreterTimeoutMs));
  searches.set(key, searched);
  // A wrong path may be mended while the process runs.
  searched.catch(() => searches.delete(key));
  return searched;
};

/**
 * The library of a report.
 *
 * @throws LibtensorflowNotFoundError when there is none; it says which command installs one.
 */
export const requireLibtensorflow = ({ found, looked }: SearchReport): FoundLibtensorflow => {
  if (found !== undefined) return found;
  throw new LibtensorflowNotFoundError(
    {
      subject: 'libtensorflow',
      expected: 'one on this machine',
      actual: looked.map(({ place, outcome }) => `${place}: ${outcome}`).join('; '),
      fix: `Run: ${installCommand()}`,
    },
    looked,
  );
};
