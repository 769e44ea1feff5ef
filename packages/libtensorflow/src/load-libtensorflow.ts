import { LibraryLoadError } from './errors';
import { type FindOptions, findLibtensorflow, requireLibtensorflow } from './find';
import { Libtensorflow } from './libtensorflow';
import { openForAll, openLibtensorflows } from './open-libraries';
import { openRuntime } from './runtime';

/** Where to take libtensorflow from: `path`, or else wherever `findLibtensorflow()` finds one. */
export type LoadOptions = FindOptions;

const loaded = new Map<string, Libtensorflow>();

const requireOnly = (file: string): void => {
  const other = [...loaded.keys(), ...openLibtensorflows()].find((path) => path !== file);
  if (other === undefined) return;
  throw new LibraryLoadError(
    {
      subject: file,
      expected: 'the only libtensorflow of this process',
      actual: `${other}, which is open already`,
      fix: 'Use that one, or open this one in another process.',
    },
    file,
  );
};

/**
 * Finds and opens a libtensorflow, and declares its C API. The same file is opened once a process.
 *
 * @throws LibtensorflowNotFoundError when there is none.
 * @throws LibraryLoadError when the file is no libtensorflow that this process can open, or another
 *   one is open already: two of them in one process would stop it.
 */
export const loadLibtensorflow = async (options: LoadOptions = {}): Promise<Libtensorflow> => {
  const { path, cudaLibraryDirectories = [] } = requireLibtensorflow(
    await findLibtensorflow(options),
  );
  const known = loaded.get(path);
  if (known !== undefined) return known;
  requireOnly(path);
  openForAll(cudaLibraryDirectories);
  const library = new Libtensorflow(openRuntime(path), path);
  loaded.set(path, library);
  return library;
};
