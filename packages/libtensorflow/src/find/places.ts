import { existsSync, statSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { inspectLibrary, inspectModule, isTensorflowModule, type Origin } from './inspect';
import { findLibraryIn, isLibraryName } from './library-files';
import type { Machine } from './machine';
import { findInPython, listInterpreters, modulesIn } from './python';
import type { FoundLibtensorflow, LibrarySource } from './report';

/** A place where a libtensorflow may be. */
export interface SearchPlace {
  /** Names the place in the report: a directory, a variable, an interpreter. */
  readonly name: string;
  /** @throws Error that explains why the place has no usable library */
  find(): FoundLibtensorflow | Promise<FoundLibtensorflow>;
}

/** The `tensorflow` module that a directory is, or that is in it, or in its site-packages. */
const moduleOf = (directory: string): string | undefined =>
  [directory, join(directory, 'tensorflow')].find(isTensorflowModule) ?? modulesIn(directory)[0];

const findInDirectory = (
  directory: string,
  origin: Origin,
  machine: Machine,
): FoundLibtensorflow => {
  const file = findLibraryIn(machine.platform, directory);
  if (file !== undefined) return inspectLibrary(file, origin, machine);
  const module = moduleOf(directory);
  if (module !== undefined) return inspectModule(module, origin, machine);
  // The `lib` directory of TensorFlow's C library archive.
  const inner = findLibraryIn(machine.platform, join(directory, 'lib'));
  if (inner !== undefined) return inspectLibrary(inner, origin, machine);
  throw new Error('it contains neither a libtensorflow nor a Python TensorFlow');
};

const environmentOf = (directory: string): Pick<Origin, 'python'> => {
  const interpreter = join(directory, 'bin', 'python');
  return existsSync(interpreter) ? { python: { interpreter, environment: directory } } : {};
};

/**
 * Finds the library at a path from the user: a library, a directory that contains one, a Python environment,
 * a site-packages directory, or the `tensorflow` module in it.
 *
 * @throws Error that explains why it has no usable library
 */
export const findAtPath = (
  userPath: string,
  source: LibrarySource,
  machine: Machine,
): FoundLibtensorflow => {
  const path = resolve(machine.cwd, userPath);
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    return inspectLibrary(path, { source }, machine);
  }
  return findInDirectory(path, { source, ...environmentOf(path) }, machine);
};

const tfjsNodePlace = (source: 'tfjs-node-gpu' | 'tfjs-node', machine: Machine): SearchPlace => ({
  name: `@tensorflow/${source}`,
  find: () => {
    const directory = machine.packageDirectory(`@tensorflow/${source}`);
    if (directory === undefined) throw new Error('not installed');
    const libraries = join(directory, 'deps', 'lib');
    const file = findLibraryIn(machine.platform, libraries);
    if (file === undefined) {
      throw new Error(
        `${libraries} has no libtensorflow: its install script did not run or failed`,
      );
    }
    return inspectLibrary(file, { source }, machine);
  },
});

const pythonPlaces = (machine: Machine): SearchPlace[] => {
  const interpreters = listInterpreters(machine);
  if (interpreters.length > 0) {
    return interpreters.map((interpreter) => ({
      name: interpreter.path,
      find: () => findInPython(interpreter, machine),
    }));
  }
  return [
    {
      name: 'Python',
      find: () => {
        throw new Error('no interpreter on PATH, and no virtual environment');
      },
    },
  ];
};

const directoryPlace = (name: string, directory: string, machine: Machine): SearchPlace => ({
  name,
  find: () => {
    const file = findLibraryIn(machine.platform, directory);
    if (file === undefined) throw new Error('it has no libtensorflow');
    return inspectLibrary(file, { source: 'system' }, machine);
  },
});

/** `/sbin` is not on every user's PATH. */
const listLoaderCache = (machine: Machine): Promise<string> =>
  machine.run('ldconfig', ['-p']).catch(() => machine.run('/sbin/ldconfig', ['-p']));

/** The cache of the system's loader, listed in lines of the form `name (kind) => path`. */
const loaderCachePlace = (machine: Machine): SearchPlace => ({
  name: 'ldconfig -p',
  find: async () => {
    const files = (await listLoaderCache(machine))
      .split('\n')
      .flatMap((line) => line.split(' => ').slice(1))
      .map((file) => file.trim());
    const file = files.find((path) => isLibraryName(machine.platform, basename(path)));
    if (file === undefined) throw new Error('it lists no libtensorflow');
    return inspectLibrary(file, { source: 'system' }, machine);
  },
});

/** The places in which the system's loader would search. */
const systemPlaces = (machine: Machine): SearchPlace[] => {
  const { platform, env } = machine;
  const variable = platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  const fromVariable = (env[variable] ?? '').split(delimiter).filter(Boolean);
  const homebrew = env.HOMEBREW_PREFIX ? [join(env.HOMEBREW_PREFIX, 'lib')] : [];
  return [
    ...fromVariable.map((directory) =>
      directoryPlace(`${variable} ${directory}`, directory, machine),
    ),
    ...(platform === 'linux' ? [loaderCachePlace(machine)] : []),
    ...[...new Set([...homebrew, ...machine.libraryDirectories])].map((directory) =>
      directoryPlace(directory, directory, machine),
    ),
  ];
};

/** Every place to search besides paths from the user, in order. */
export const listPlaces = (machine: Machine): SearchPlace[] => [
  tfjsNodePlace('tfjs-node-gpu', machine),
  tfjsNodePlace('tfjs-node', machine),
  ...pythonPlaces(machine),
  ...systemPlaces(machine),
];
