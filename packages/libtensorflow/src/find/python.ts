import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { inspectModule } from './inspect';
import { listDirectory } from './library-files';
import type { Machine } from './machine';
import type { FoundLibtensorflow } from './report';

/** An interpreter that may have TensorFlow. */
export interface Interpreter {
  readonly path: string;
  /** When to run it: always, or only if its environment's files include TensorFlow. */
  readonly ask: 'always' | 'if installed';
}

const setValues = (...values: readonly (string | undefined)[]): string[] =>
  values.flatMap((value) => (value === undefined || value === '' ? [] : [value]));

const pythonsIn = (environments: readonly string[]): string[] =>
  environments.map((environment) => join(environment, 'bin', 'python'));

const childrenOf = (directory: string): string[] =>
  listDirectory(directory).map((name) => join(directory, name));

const withAncestors = (directory: string): string[] => {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...withAncestors(parent)];
};

/** The environments of the project, from the working directory upward. */
const projectEnvironments = (cwd: string): string[] =>
  withAncestors(cwd)
    .flatMap((directory) => ['.venv', 'venv', 'env'].map((name) => join(directory, name)))
    .filter((directory) =>
      ['pyvenv.cfg', 'conda-meta'].some((name) => existsSync(join(directory, name))),
    );

const pythonsOnPath = ({ PATH = '' }: NodeJS.ProcessEnv): string[] =>
  PATH.split(delimiter)
    .filter(Boolean)
    .flatMap((directory) => ['python3', 'python'].map((name) => join(directory, name)));

/** Conda lists every environment it creates in a file; the well-known directories are for its base. */
const condaEnvironments = ({ env, home }: Machine): string[] => {
  const bases = [
    ...setValues(env.CONDA_EXE).map((executable) => dirname(dirname(executable))),
    ...setValues(env.MAMBA_ROOT_PREFIX),
    ...['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge', 'micromamba'].map((name) =>
      join(home, name),
    ),
    '/opt/conda',
  ];
  const list = join(home, '.conda', 'environments.txt');
  return [
    ...bases.flatMap((base) => [base, ...childrenOf(join(base, 'envs'))]),
    ...(existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : []),
  ];
};

const managedEnvironments = (machine: Machine): string[] => {
  const { env, home } = machine;
  return [
    ...childrenOf(join(env.PYENV_ROOT ?? join(home, '.pyenv'), 'versions')),
    ...childrenOf(env.WORKON_HOME ?? join(home, '.virtualenvs')),
    ...condaEnvironments(machine),
    ...[
      ...setValues(env.PIPX_HOME),
      join(home, '.local', 'share', 'pipx'),
      join(home, '.local', 'pipx'),
    ].flatMap((directory) => childrenOf(join(directory, 'venvs'))),
  ];
};

/** The Python interpreters of this machine, nearest first, without duplicates. */
export const listInterpreters = (machine: Machine): Interpreter[] => {
  const { env, cwd } = machine;
  const active = setValues(env.VIRTUAL_ENV, env.CONDA_PREFIX);
  const near = [...pythonsIn([...active, ...projectEnvironments(cwd)]), ...pythonsOnPath(env)];
  const candidates: Interpreter[] = [
    ...near.map((path) => ({ path, ask: 'always' as const })),
    ...pythonsIn(managedEnvironments(machine)).map((path) => ({
      path,
      ask: 'if installed' as const,
    })),
  ];
  const seen = new Set<string>();
  return candidates.filter(({ path }) => {
    if (!existsSync(path)) return false;
    // Environments link to the interpreter they were created from, so the link's target isn't enough.
    const key = join(realpathSync(dirname(path)), realpathSync(path));
    return !seen.has(key) && seen.add(key);
  });
};

/** The `tensorflow` modules in an environment's packages, found without running Python. */
export const modulesIn = (environment: string): string[] =>
  ['lib', 'lib64']
    .flatMap((name) => childrenOf(join(environment, name)))
    .filter((directory) => /python\d/.test(directory))
    .flatMap((directory) =>
      ['site-packages', 'dist-packages'].map((name) => join(directory, name, 'tensorflow')),
    )
    .filter((module) => existsSync(join(module, '__init__.py')));

/**
 * Locates the module without importing it, which would take seconds. `-c` adds the working directory to the
 * path; it is removed, because packages aren't installed there.
 */
const script = `
import importlib.util, json, os, sys
sys.path[:] = [entry for entry in sys.path if entry]
spec = importlib.util.find_spec("tensorflow")
print(json.dumps({
    "interpreter": sys.executable,
    "environment": sys.prefix if sys.prefix != sys.base_prefix or os.path.isdir(os.path.join(sys.prefix, "conda-meta")) else None,
    "folder": os.path.dirname(spec.origin) if spec and spec.origin else None,
}))
`;

interface InterpreterAnswer {
  readonly interpreter: string;
  readonly environment?: string;
  /** The directory of the `tensorflow` module; absent if it isn't installed. */
  readonly module?: string;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** @throws Error if the interpreter doesn't answer in time, or answers something else */
const askInterpreter = async (program: string, machine: Machine): Promise<InterpreterAnswer> => {
  const output = await machine.run(program, ['-c', script]);
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  } catch (cause) {
    throw new Error(`it answered ${JSON.stringify(output.slice(0, 80))}`, { cause });
  }
  const environment = textOf(answer.environment);
  const module = textOf(answer.folder);
  return {
    interpreter: textOf(answer.interpreter) ?? program,
    ...(environment === undefined ? {} : { environment }),
    ...(module === undefined ? {} : { module }),
  };
};

/**
 * Finds the library of an interpreter's TensorFlow.
 *
 * @throws Error if it has none, or the interpreter doesn't run
 */
export const findInPython = async (
  { path, ask }: Interpreter,
  machine: Machine,
): Promise<FoundLibtensorflow> => {
  if (ask === 'if installed' && modulesIn(dirname(dirname(path))).length === 0) {
    throw new Error('it has no TensorFlow');
  }
  const { module, ...python } = await askInterpreter(path, machine);
  if (module === undefined) throw new Error('it has no TensorFlow');
  return inspectModule(module, { source: 'python', python }, machine);
};
