import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { listDirectory } from '../list-directory';
import type { Machine } from '../machine';

/** An interpreter that may have a TensorFlow. */
export interface Interpreter {
  readonly path: string;
  /** Whether to ask it even when there is no TensorFlow among its own packages. */
  readonly ask: 'always' | 'if installed';
}

/** Variables that are set, of these. */
const set = (...values: readonly (string | undefined)[]): string[] =>
  values.flatMap((value) => (value === undefined || value === '' ? [] : [value]));

const inEnvironments = (directories: readonly string[]): string[] =>
  directories.map((directory) => join(directory, 'bin', 'python'));

const children = (directory: string): string[] =>
  listDirectory(directory).map((name) => join(directory, name));

const ancestors = (directory: string): string[] => {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...ancestors(parent)];
};

/** Environments as projects have them, from the working directory upward. */
const projectEnvironments = (cwd: string): string[] =>
  ancestors(cwd)
    .flatMap((directory) => ['.venv', 'venv', 'env'].map((name) => join(directory, name)))
    .filter((directory) =>
      ['pyvenv.cfg', 'conda-meta'].some((name) => existsSync(join(directory, name))),
    );

const onPath = ({ PATH = '' }: NodeJS.ProcessEnv): string[] =>
  PATH.split(delimiter)
    .filter(Boolean)
    .flatMap((directory) => ['python3', 'python'].map((name) => join(directory, name)));

/** Conda writes every environment that it makes into a file; the usual homes are for its base. */
const condaEnvironments = ({ env, home }: Machine): string[] => {
  const bases = [
    ...set(env.CONDA_EXE).map((executable) => dirname(dirname(executable))),
    ...set(env.MAMBA_ROOT_PREFIX),
    ...['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge', 'micromamba'].map((name) =>
      join(home, name),
    ),
    '/opt/conda',
  ];
  const written = join(home, '.conda', 'environments.txt');
  return [
    ...bases.flatMap((base) => [base, ...children(join(base, 'envs'))]),
    ...(existsSync(written) ? readFileSync(written, 'utf8').split('\n').filter(Boolean) : []),
  ];
};

const managedEnvironments = (machine: Machine): string[] => {
  const { env, home } = machine;
  return [
    ...children(join(env.PYENV_ROOT ?? join(home, '.pyenv'), 'versions')),
    ...children(env.WORKON_HOME ?? join(home, '.virtualenvs')),
    ...condaEnvironments(machine),
    ...[
      ...set(env.PIPX_HOME),
      join(home, '.local', 'share', 'pipx'),
      join(home, '.local', 'pipx'),
    ].flatMap((directory) => children(join(directory, 'venvs'))),
  ];
};

/**
 * The interpreters that a person on this machine would have, nearest first. Those that are there are
 * listed once each.
 */
export const interpreters = (machine: Machine): Interpreter[] => {
  const { env, cwd } = machine;
  const active = set(env.VIRTUAL_ENV, env.CONDA_PREFIX);
  const near = [...inEnvironments([...active, ...projectEnvironments(cwd)]), ...onPath(env)];
  const listed: Interpreter[] = [
    ...near.map((path) => ({ path, ask: 'always' as const })),
    ...inEnvironments(managedEnvironments(machine)).map((path) => ({
      path,
      ask: 'if installed' as const,
    })),
  ];
  const seen = new Set<string>();
  return listed.filter(({ path }) => {
    if (!existsSync(path)) return false;
    // An environment's python links to the one it was made from, so links alone don't tell them apart.
    const key = join(realpathSync(dirname(path)), realpathSync(path));
    return !seen.has(key) && seen.add(key);
  });
};

/** The TensorFlow modules among the packages of an environment, by its files. */
export const tensorflowFolders = (environment: string): string[] =>
  ['lib', 'lib64']
    .flatMap((name) => children(join(environment, name)))
    .filter((directory) => /python\d/.test(directory))
    .flatMap((directory) =>
      ['site-packages', 'dist-packages'].map((name) => join(directory, name, 'tensorflow')),
    )
    .filter((folder) => existsSync(join(folder, '__init__.py')));
