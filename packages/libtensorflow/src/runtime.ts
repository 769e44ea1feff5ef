import { type CApi, declareCApi, Library, Status } from './c-api';
import { HandleLedger } from './handles/handle-ledger';

/** An opened libtensorflow, as the classes of this package share it. */
export interface Runtime {
  readonly c: CApi;
  /** For calls on this thread. */
  readonly status: Status;
  /** For a call on another thread; its caller deletes it. */
  newStatus(): Status;
  readonly handles: HandleLedger;
}

/** @throws LibraryLoadError when the file is no libtensorflow that this process can open. */
export const openRuntime = (path: string): Runtime => {
  const c = declareCApi(new Library(path));
  return {
    c,
    status: new Status(c),
    newStatus: () => new Status(c),
    handles: new HandleLedger(),
  };
};
