import { dirname } from 'node:path';
import type { Origin } from '../inspect-library';
import { inspectLibrary } from '../inspect-library';
import { libraryIn } from '../library-files';
import type { Machine } from '../machine';
import { askInterpreter } from '../python/ask-interpreter';
import { type Interpreter, interpreters, tensorflowFolders } from '../python/python-places';
import { readTensorflowFolder } from '../python/tensorflow-folder';
import type { FoundLibtensorflow } from '../search-report';
import type { Place } from './place';

/**
 * The library in the module `tensorflow` of a Python.
 *
 * @throws Error when it has none, as old wheels and those for Windows don't.
 */
export const libraryInFolder = (
  folder: string,
  origin: Origin,
  machine: Machine,
): FoundLibtensorflow => {
  const file = libraryIn(machine.platform, folder);
  if (file === undefined) {
    const { version = 'of unknown version' } = readTensorflowFolder(folder);
    throw new Error(
      `its TensorFlow ${version} keeps the C API inside a Python extension; newer ones have libtensorflow_cc`,
    );
  }
  return inspectLibrary(file, origin, machine);
};

const look = async ({ path, ask }: Interpreter, machine: Machine): Promise<FoundLibtensorflow> => {
  if (ask === 'if installed' && tensorflowFolders(dirname(dirname(path))).length === 0) {
    throw new Error('no TensorFlow in it');
  }
  const { folder, ...python } = await askInterpreter(path, machine);
  if (folder === undefined) throw new Error('no TensorFlow in it');
  return libraryInFolder(folder, { source: 'python', python }, machine);
};

/** The TensorFlows of the Pythons on this machine. */
export const pythonPlaces = (machine: Machine): Place[] => {
  const found = interpreters(machine);
  if (found.length > 0) {
    return found.map((interpreter) => ({
      place: interpreter.path,
      look: () => look(interpreter, machine),
    }));
  }
  return [
    {
      place: 'Python',
      look: () => {
        throw new Error('no interpreter on PATH, and no virtual environment');
      },
    },
  ];
};
