import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, resolve } from 'node:path';
import { readElf } from './elf';
import { frameworkBeside, whyMissing } from './library-files';
import type { Machine } from './machine';
import { isTensorflowFolder, readTensorflowFolder } from './python/tensorflow-folder';
import type { FoundLibtensorflow, LibrarySource, PythonInstallation } from './search-report';
import { isVersionSupported, minimumVersion, versionInName } from './version';

/** Who knows of the library, and what they know of it. */
export interface Origin {
  readonly source: LibrarySource;
  readonly python?: PythonInstallation;
  /** Whether it is a build for CUDA, from where it was found. */
  readonly cuda?: boolean;
}

const assertSameArchitecture = (file: string, { platform, arch }: Machine): void => {
  if (platform !== 'linux') return;
  const built = readElf(file).arch;
  if (built !== arch) throw new Error(`it is built for ${built}, and this Node for ${arch}`);
};

/** The directories among these in which the loader would not look by itself. */
const unreached = (
  directories: readonly string[],
  libraries: readonly string[],
  env: NodeJS.ProcessEnv,
): string[] => {
  const byEnvironment = (env.LD_LIBRARY_PATH ?? '').split(delimiter).filter(Boolean);
  // Which of the libraries opens CUDA's differs between versions, so each has to reach them.
  const reached = libraries.map(
    (file) => new Set([...readElf(file).searchPath, ...byEnvironment.map((path) => resolve(path))]),
  );
  return directories.filter((directory) => !reached.every((set) => set.has(directory)));
};

const folderFacts = (path: string, frameworkPath: string | undefined, machine: Machine) => {
  const folder = dirname(path);
  if (!isTensorflowFolder(folder)) return {};
  const { version, cuda, cudaLibraryDirectories: all } = readTensorflowFolder(folder);
  const libraries = [path, ...(frameworkPath === undefined ? [] : [frameworkPath])];
  const needed =
    cuda === true && machine.platform === 'linux' ? unreached(all, libraries, machine.env) : [];
  return {
    ...(version === undefined ? {} : { version }),
    ...(cuda === undefined ? {} : { cuda }),
    ...(needed.length === 0 ? {} : { cudaLibraryDirectories: needed }),
  };
};

/**
 * Looks at a library's file, and at the TensorFlow that it is part of.
 *
 * @throws Error whose message says why it is none for this process: it is missing, of another
 *   processor, too old.
 */
export const inspectLibrary = (
  file: string,
  { source, python, cuda }: Origin,
  machine: Machine,
): FoundLibtensorflow => {
  if (!existsSync(file)) throw new Error(whyMissing(file));
  const path = realpathSync(file);
  assertSameArchitecture(path, machine);
  const frameworkPath = frameworkBeside(machine.platform, file);
  const named = versionInName(basename(path));
  const found: FoundLibtensorflow = {
    path,
    ...(frameworkPath === undefined ? {} : { frameworkPath }),
    source,
    ...(named === undefined ? {} : { version: named }),
    ...(python === undefined ? {} : { python }),
    ...(cuda === undefined ? {} : { cuda }),
    ...folderFacts(path, frameworkPath, machine),
  };
  if (found.version !== undefined && !isVersionSupported(found.version)) {
    throw new Error(`it is TensorFlow ${found.version}, and ${minimumVersion} or newer is needed`);
  }
  return found;
};

/** What was found, in a few words. */
export const describeLibrary = ({ path, version, cuda }: FoundLibtensorflow): string => {
  const build = cuda === undefined ? '' : cuda ? ', for CUDA' : ', for CPUs';
  return `TensorFlow${version === undefined ? '' : ` ${version}`}${build}: ${path}`;
};
