import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { readElf } from './elf';
import {
  findFramework,
  findLibraryIn,
  listDirectory,
  versionInName,
  whyMissing,
} from './library-files';
import type { Machine } from './machine';
import type { FoundLibtensorflow, LibrarySource, PythonInstallation } from './report';

/** The first version of TensorFlow whose C API has every function that this package declares. */
export const minimumVersion = '2.4';

const numbersOf = (version: string): number[] =>
  version.split('.').map((part) => Number.parseInt(part, 10));

const isVersionSupported = (version: string): boolean => {
  const [major = 0, minor = 0] = numbersOf(version);
  const [minimumMajor = 0, minimumMinor = 0] = numbersOf(minimumVersion);
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor);
};

/** Facts about an installed TensorFlow, read from its files without starting Python. */
interface ModuleFacts {
  /** The distribution's version, such as `2.21.0`. */
  readonly version?: string;
  readonly cuda?: boolean;
  /** Directories of the CUDA libraries that pip installed next to it. */
  readonly cudaLibraryDirectories: readonly string[];
}

/** Matches every distribution that contains the module: `tensorflow_cpu-2.21.0.dist-info`, `tf_nightly-…`. */
const distribution =
  /^(?:intel[_-])?(?:tensorflow(?:[_-](?:cpu|gpu|macos|rocm|aarch64|cpu[_-]aws|intel))?|tf[_-]nightly(?:[_-](?:cpu|gpu))?)-(\d[^-]*?)(?:-py[\d.]+)?\.(?:dist|egg)-info$/i;

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const isCudaBuild = (module: string): boolean | undefined => {
  const buildInfo = readText(join(module, 'python', 'platform', 'build_info.py'));
  const flag = /'is_cuda_build',?:?\s*(True|False)/.exec(buildInfo);
  return flag ? flag[1] === 'True' : undefined;
};

/** True if a directory is Python's `tensorflow` module. */
export const isTensorflowModule = (directory: string): boolean =>
  existsSync(join(directory, '__init__.py')) && existsSync(join(directory, 'python'));

/** @param module the directory of the `tensorflow` module in site-packages */
const readModule = (module: string): ModuleFacts => {
  const sitePackages = dirname(module);
  const [version] = listDirectory(sitePackages).flatMap(
    (name) => distribution.exec(name)?.[1] ?? [],
  );
  const cuda = isCudaBuild(module);
  const nvidia = join(sitePackages, 'nvidia');
  return {
    ...(version === undefined ? {} : { version }),
    ...(cuda === undefined ? {} : { cuda }),
    cudaLibraryDirectories: listDirectory(nvidia)
      .map((part) => join(nvidia, part, 'lib'))
      .filter((directory) => listDirectory(directory).some((name) => name.includes('.so'))),
  };
};

const assertSameArchitecture = (file: string, { platform, arch }: Machine): void => {
  if (platform !== 'linux') return;
  const built = readElf(file).arch;
  if (built !== arch) throw new Error(`it is built for ${built}, but this Node for ${arch}`);
};

/** Those directories in which the system's loader wouldn't search on behalf of the libraries. */
const outsideSearchPath = (
  directories: readonly string[],
  libraries: readonly string[],
  env: NodeJS.ProcessEnv,
): string[] => {
  const fromEnvironment = (env.LD_LIBRARY_PATH ?? '').split(delimiter).filter(Boolean);
  // Versions differ in which library opens CUDA's, so the search paths of all of them have to include it.
  const searchPaths = libraries.map(
    (file) =>
      new Set([...readElf(file).searchPath, ...fromEnvironment.map((path) => resolve(path))]),
  );
  return directories.filter((directory) => !searchPaths.every((path) => path.has(directory)));
};

const moduleFacts = (path: string, frameworkPath: string | undefined, machine: Machine) => {
  const module = dirname(path);
  if (!isTensorflowModule(module)) return {};
  const { version, cuda, cudaLibraryDirectories: all } = readModule(module);
  const libraries = [path, ...(frameworkPath === undefined ? [] : [frameworkPath])];
  const toPreload =
    cuda === true && machine.platform === 'linux'
      ? outsideSearchPath(all, libraries, machine.env)
      : [];
  return {
    ...(version === undefined ? {} : { version }),
    ...(cuda === undefined ? {} : { cuda }),
    ...(toPreload.length === 0 ? {} : { cudaLibraryDirectories: toPreload }),
  };
};

/** How a library was found. */
export interface Origin {
  readonly source: LibrarySource;
  readonly python?: PythonInstallation;
}

/**
 * Inspects a library's file, and the TensorFlow installation that contains it.
 *
 * @throws Error if this process can't use it: it is missing, too old, or built for another processor
 */
export const inspectLibrary = (
  file: string,
  { source, python }: Origin,
  machine: Machine,
): FoundLibtensorflow => {
  if (!existsSync(file)) throw new Error(whyMissing(file));
  const path = realpathSync(file);
  assertSameArchitecture(path, machine);
  const frameworkPath = findFramework(machine.platform, file);
  const version = versionInName(basename(path));
  const library: FoundLibtensorflow = {
    path,
    ...(frameworkPath === undefined ? {} : { frameworkPath }),
    source,
    ...(version === undefined ? {} : { version }),
    ...(python === undefined ? {} : { python }),
    ...moduleFacts(path, frameworkPath, machine),
  };
  if (library.version !== undefined && !isVersionSupported(library.version)) {
    throw new Error(
      `it is TensorFlow ${library.version}, but ${minimumVersion} or newer is required`,
    );
  }
  return library;
};

/**
 * Inspects the library of Python's `tensorflow` module.
 *
 * @throws Error if the module has no libtensorflow, as in old wheels and in those for Windows
 */
export const inspectModule = (
  module: string,
  origin: Origin,
  machine: Machine,
): FoundLibtensorflow => {
  const file = findLibraryIn(machine.platform, module);
  if (file === undefined) {
    const { version = 'of unknown version' } = readModule(module);
    throw new Error(
      `its TensorFlow ${version} has the C API only inside a Python extension; newer versions have libtensorflow_cc`,
    );
  }
  return inspectLibrary(file, origin, machine);
};

/** Describes a library in one line. */
export const describeLibrary = ({ path, version, cuda }: FoundLibtensorflow): string => {
  const build = cuda === undefined ? '' : cuda ? ' for CUDA' : ' for CPUs';
  return `TensorFlow${version === undefined ? '' : ` ${version}`}${build}: ${path}`;
};
