import type { FileHandle } from 'node:fs/promises';
import { type FileSystemOperations, nodeFileSystem } from '../src/backends/file-system-operations';

/** A fault that replaces one operation. */
export type Fault =
  /** Simulates a killed process: the operation never ends. */
  | { readonly kind: 'stop' }
  /** The operation fails. */
  | { readonly kind: 'error'; readonly code: 'ENOSPC' | 'EIO' }
  /** Kills the process. */
  | { readonly kind: 'kill' };

/**
 * Node's file system with a fault at the n-th modifying operation (writes, syncs, renames, deletions, new files). A
 * write stores half of its bytes first. After a stop, no operation has an effect.
 */
export const faultyFileSystem = (fault: Fault, at: number) => {
  let count = 0;
  const handles: FileHandle[] = [];
  const fail = (): Promise<never> =>
    fault.kind === 'error'
      ? Promise.reject(Object.assign(new Error(`${fault.code}: injected`), { code: fault.code }))
      : new Promise(() => {});
  const reached: { resolve: () => void } = { resolve: () => {} };
  const stopped = new Promise<void>((resolve) => {
    reached.resolve = resolve;
  });
  /** Runs an operation unless it is the faulty one, or the process is stopped. */
  const guard = async <T>(
    operation: () => Promise<T>,
    half?: () => Promise<unknown>,
  ): Promise<T> => {
    const turn = count++;
    if (turn < at || (turn > at && fault.kind === 'error')) return operation();
    if (turn === at) {
      await half?.();
      if (fault.kind === 'kill') process.kill(process.pid, 'SIGKILL');
      reached.resolve();
    }
    return fail();
  };

  const guardHandle = (handle: FileHandle): FileHandle =>
    new Proxy(handle, {
      get: (target, key) => {
        if (key === 'write') {
          return (bytes: Uint8Array, offset: number, length: number) =>
            guard(
              () => target.write(bytes, offset, length),
              () => target.write(bytes, offset, length >> 1),
            );
        }
        if (key === 'writeFile') {
          return (text: string) =>
            guard(
              () => target.writeFile(text),
              () => target.writeFile(text.slice(0, text.length >> 1)),
            );
        }
        if (key === 'sync') return () => guard(() => target.sync());
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });

  const open: FileSystemOperations['open'] = async (path, flags, mode) => {
    const really = () => nodeFileSystem.open(path, flags, mode);
    const handle = await (flags === 'wx' ? guard(really) : really());
    handles.push(handle);
    return guardHandle(handle);
  };
  const fs: FileSystemOperations = {
    ...nodeFileSystem,
    open,
    rename: (from, to) => guard(() => nodeFileSystem.rename(from, to)),
    link: (from, to) => guard(() => nodeFileSystem.link(from, to)),
    unlink: (path) => guard(() => nodeFileSystem.unlink(path)),
  };
  return {
    fs,
    /** Resolves when the fault occurs. */
    stopped,
    /** Closes the files that a stopped "process" left open. */
    release: () => Promise.all(handles.map((handle) => handle.close().catch(() => undefined))),
    /** The number of operations so far. */
    get count() {
      return count;
    },
  };
};
