import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkedAsyncFunction } from '@elistimator/internal';
import koffi from 'koffi';
import { openRuntime } from './c-api';
import { LibraryLoadError } from './errors';
import {
  type FindOptions,
  findLibtensorflow,
  findOptions,
  requireLibtensorflow,
} from './find/find';
import { Libtensorflow } from './libtensorflow';

/** Options of `loadLibtensorflow()`, which searches as `findLibtensorflow()` does. */
export type LoadOptions = FindOptions;

const loadedLibraries = new Map<string, Libtensorflow>();

const isLibtensorflow = /\/libtensorflow(_cc)?\.so[.\d]*$/;

/**
 * The libtensorflow files that this process has opened, including the one of tfjs-node's addon. Empty on
 * systems other than Linux, which don't list them.
 */
export const openLibtensorflows = (maps = '/proc/self/maps'): string[] => {
  if (process.platform !== 'linux') return [];
  const paths = readFileSync(maps, 'utf8')
    .split('\n')
    .map((line) => line.slice(line.indexOf('/')))
    .filter((path) => isLibtensorflow.test(path));
  return [...new Set(paths)];
};

const tryOpen = (path: string): boolean => {
  try {
    koffi.load(path, { global: true });
    return true;
  } catch {
    return false;
  }
};

/**
 * Opens the libraries in some directories with global visibility, so that a libtensorflow whose search path
 * doesn't include them finds them by name. Skips those that can't be opened: TensorFlow itself reports which
 * library is missing.
 */
const preload = (directories: readonly string[]): void => {
  let pending = directories.flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => /\.so(\.\d+)*$/.test(name))
      .map((name) => join(directory, name)),
  );
  // They depend on each other in an unknown order, so repeat until no more can be opened.
  for (let before = Infinity; pending.length < before && pending.length > 0; ) {
    before = pending.length;
    pending = pending.filter((path) => !tryOpen(path));
  }
};

const assertOnlyLibrary = (file: string): void => {
  const other = [...loadedLibraries.keys(), ...openLibtensorflows()].find((path) => path !== file);
  if (other === undefined) return;
  throw new LibraryLoadError(
    {
      subject: file,
      expected: 'to be the only libtensorflow in this process',
      actual: `${other}, which is already open`,
      fix: 'Use that library, or open this one in another process.',
    },
    file,
  );
};

/**
 * Finds and opens a libtensorflow. Loading the same file again returns the same object.
 *
 * @throws LibtensorflowNotFoundError if there is none
 * @throws LibraryLoadError if this process can't open the file, the file is not a libtensorflow, or another
 *   libtensorflow is already open: two of them in one process would crash it
 * @throws ArgumentError for an unknown option, or a value of the wrong type
 */
export const loadLibtensorflow = checkedAsyncFunction(
  'loadLibtensorflow()',
  { options: findOptions },
  async (options: LoadOptions = {}): Promise<Libtensorflow> => {
    const { path, cudaLibraryDirectories = [] } = requireLibtensorflow(
      await findLibtensorflow(options),
    );
    const loaded = loadedLibraries.get(path);
    if (loaded !== undefined) return loaded;
    assertOnlyLibrary(path);
    preload(cudaLibraryDirectories);
    const library = new Libtensorflow(openRuntime(path), path);
    loadedLibraries.set(path, library);
    return library;
  },
);
