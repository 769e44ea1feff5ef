import { close, openSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';

/** A file that is written at explicit positions, so that a write can be repeated. */
export interface EventFile {
  /** Resolves once all bytes are written. */
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

/** Creates a file on disk. @throws an error with code `EEXIST` if the file exists */
export const createEventFile = (path: string): EventFile => eventFileOf(openSync(path, 'wx'));

/** Opens a file on disk and keeps its content. @throws an error with code `ENOENT` if it does not exist */
export const openEventFile = (path: string): EventFile => eventFileOf(openSync(path, 'r+'));

interface EventFileNameParts {
  /** Seconds since the epoch; fractions are dropped. */
  readonly seconds: number;
  readonly hostname: string;
  readonly pid: number;
  /** Number of the file within its process. */
  readonly counter: number;
  readonly suffix: string;
  /** Number of the file within its writer, if the size of files is limited. */
  readonly part?: number | undefined;
}

/**
 * Names an event file as TensorBoard's `EventFileWriter` does. Readers accept any file name that
 * contains `tfevents` and sort by name, so the time comes first and numbers have leading zeros.
 */
export const eventFileName = ({
  seconds,
  hostname,
  pid,
  counter,
  suffix,
  part,
}: EventFileNameParts): string => {
  const time = String(Math.floor(seconds)).padStart(10, '0');
  const number = part === undefined ? '' : `.${String(part).padStart(5, '0')}`;
  const count = String(counter).padStart(5, '0');
  return `events.out.tfevents.${time}.${hostname}.${pid}.${count}${number}${suffix}`;
};

/** True if TensorBoard reads a file of this name as an event file. */
export const isEventFileName = (name: string): boolean => name.includes('tfevents');
