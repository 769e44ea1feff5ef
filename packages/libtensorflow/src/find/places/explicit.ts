import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inspectLibrary, type Origin } from '../inspect-library';
import { libraryIn } from '../library-files';
import type { Machine } from '../machine';
import { tensorflowFolders } from '../python/python-places';
import { isTensorflowFolder } from '../python/tensorflow-folder';
import type { FoundLibtensorflow, LibrarySource } from '../search-report';
import { libraryInFolder } from './python';

/** The module `tensorflow` that a directory is, holds, or has among its packages. */
const tensorflowFolderOf = (directory: string): string | undefined =>
  [directory, join(directory, 'tensorflow')].find(isTensorflowFolder) ??
  tensorflowFolders(directory)[0];

const inDirectory = (directory: string, origin: Origin, machine: Machine): FoundLibtensorflow => {
  const file = libraryIn(machine.platform, directory);
  if (file !== undefined) return inspectLibrary(file, origin, machine);
  const folder = tensorflowFolderOf(directory);
  if (folder !== undefined) return libraryInFolder(folder, origin, machine);
  // The `lib` of an unpacked archive of TensorFlow's.
  const inner = libraryIn(machine.platform, join(directory, 'lib'));
  if (inner !== undefined) return inspectLibrary(inner, origin, machine);
  throw new Error('it holds neither a libtensorflow nor a Python TensorFlow');
};

const environmentOf = (directory: string): Pick<Origin, 'python'> => {
  const interpreter = join(directory, 'bin', 'python');
  return existsSync(interpreter) ? { python: { interpreter, environment: directory } } : {};
};

/**
 * Takes what somebody named: a library, a directory that holds one, a Python environment, a
 * site-packages directory, or the module `tensorflow` in it.
 *
 * @throws Error whose message says what is wrong with it.
 */
export const lookAtPath = (
  given: string,
  source: LibrarySource,
  machine: Machine,
): FoundLibtensorflow => {
  const path = resolve(machine.cwd, given);
  if (!existsSync(path)) return inspectLibrary(path, { source }, machine);
  if (!statSync(path).isDirectory()) return inspectLibrary(path, { source }, machine);
  return inDirectory(path, { source, ...environmentOf(path) }, machine);
};
