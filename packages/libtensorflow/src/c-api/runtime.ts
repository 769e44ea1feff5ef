import { declareBuffer } from './buffer';
import { declareDevices } from './devices';
import { declareEager } from './eager';
import { declareGraph } from './graph';
import { HandleLedger } from './handles';
import { Library } from './library';
import { declareSession } from './session';
import { declareStatus, Status } from './status';
import { declareTensor } from './tensor';

/**
 * Declares the part of TensorFlow's C API that this package uses, under TensorFlow's own names.
 *
 * @throws LibraryLoadError if the library lacks one of the functions
 */
const declareCApi = (library: Library) => ({
  TF_Version: library.declare<() => string>('const char *TF_Version()'),
  ...declareStatus(library),
  ...declareBuffer(library),
  ...declareTensor(library),
  ...declareGraph(library),
  ...declareSession(library),
  ...declareDevices(library),
  ...declareEager(library),
});

/** An opened libtensorflow, shared by the classes of this package. */
export interface Runtime {
  readonly c: ReturnType<typeof declareCApi>;
  /** For calls on the main thread. */
  readonly status: Status;
  /** Creates a status for a call on another thread; the caller deletes it. */
  newStatus(): Status;
  readonly handles: HandleLedger;
}

/** @throws LibraryLoadError if the file is not a libtensorflow that this process can open */
export const openRuntime = (path: string): Runtime => {
  const c = declareCApi(new Library(path));
  return {
    c,
    status: new Status(c),
    newStatus: () => new Status(c),
    handles: new HandleLedger(),
  };
};
