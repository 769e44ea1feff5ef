import { close, openSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';

/** A file that takes bytes at positions, so that writing the same bytes again does no harm. */
export interface EventFile {
  /** Resolves once all of `bytes` is written. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  writeSync(bytes: Uint8Array, position: number): void;
  close(): Promise<void>;
}

const writeAsync = promisify(write);
const closeAsync = promisify(close);

const eventFileOf = (descriptor: number): EventFile => ({
  async write(bytes, position) {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await writeAsync(
        descriptor,
        bytes,
        done,
        bytes.length - done,
        position + done,
      );
      done += bytesWritten;
    }
  },
  writeSync(bytes, position) {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
    }
  },
  close: () => closeAsync(descriptor),
});

/** Creates a file on disk. @throws when there is one already */
export const createEventFile = (path: string): EventFile => eventFileOf(openSync(path, 'wx'));

/** Opens a file on disk, whose content stays. @throws when there is none */
export const openEventFile = (path: string): EventFile => eventFileOf(openSync(path, 'r+'));
