import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromBinary } from '@bufbuild/protobuf';
import {
  asPathError,
  checkedFunction,
  kinds,
  options,
  pathOf,
  required,
} from '@elistimator/internal';
import { type Event, EventSchema } from '@elistimator/protos';
import { CorruptEventFileError } from '../errors';
import { isEventFileName } from '../files/event-file';
import { assertSeconds } from '../options';
import { type EventRecord, RecordReader, readRecords } from '../records/record-reader';

/** Options of {@link readEvents}. */
export interface ReadEventsOptions {
  /** Waits at the end for more events, including those of new files of the run. Default: false. */
  readonly follow?: boolean | undefined;
  /** Ends the iteration without an error when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds between two checks for new events. Default: 0.5. */
  readonly pollSecs?: number | undefined;
}

/**
 * Reads the events of an event file, or of all event files of a run in the order of their names, and
 * verifies both checksums of each record. An incomplete record at the end of a file, as an active
 * writer leaves it, is not an error: reading continues with the next file and, with `follow`, returns
 * to the incomplete one.
 *
 * @param fileOrDir a path or `file:` URL of an event file of any name, or the directory of a run; subdirectories are other runs
 *   and are not read
 * @throws CorruptEventFileError at a damaged record, after the events before it; SummaryOptionError
 */
export const readEvents = checkedFunction(
  'readEvents()',
  {
    fileOrDir: required(),
    options: options<ReadEventsOptions>({
      follow: kinds.boolean,
      signal: kinds.abortSignal,
      pollSecs: true,
    }),
  },
  async function* readEvents(
    fileOrDir: string | URL,
    { follow = false, signal, pollSecs = 0.5 }: ReadEventsOptions = {},
  ): AsyncGenerator<Event, void, undefined> {
    assertSeconds('pollSecs', pollSecs);
    const path = pathOf(fileOrDir, 'fileOrDir');
    const records = follow ? followRecords(path, pollSecs, signal) : recordsOf(path);
    for await (const record of records) {
      if (signal?.aborted) return;
      yield parseEvent(record);
    }
  },
);

const parseEvent = ({ path, payload, offset }: EventRecord): Event => {
  try {
    return fromBinary(EventSchema, payload);
  } catch (error) {
    throw new CorruptEventFileError(path, offset, 'data that is not an event', error);
  }
};

async function* recordsOf(fileOrDir: string): AsyncGenerator<EventRecord, void, undefined> {
  for (const path of await listEventFiles(fileOrDir)) yield* readRecords(path);
}

/**
 * Reads the records of a run and waits for more. Every file is checked each time, because two processes
 * may write to one run. Polling is used because network file systems do not notify about changes.
 */
async function* followRecords(
  fileOrDir: string,
  pollSecs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventRecord, void, undefined> {
  const readers = new Map<string, RecordReader>();
  try {
    do {
      for (const path of await listEventFiles(fileOrDir)) {
        const reader = readers.get(path) ?? (await RecordReader.open(path));
        readers.set(path, reader);
        for (let record = await reader.next(); record; record = await reader.next()) yield record;
      }
    } while (await waitUnlessAborted(pollSecs, signal));
  } finally {
    await Promise.all([...readers.values()].map((reader) => reader.close()));
  }
}

/** The event files of a run in TensorBoard's order, by name. */
const listEventFiles = async (fileOrDir: string): Promise<string[]> => {
  const expected = 'an event file, or the directory of a run';
  const stats = await stat(fileOrDir).catch((error) => {
    throw asPathError(error, fileOrDir, expected);
  });
  if (!stats.isDirectory()) return [fileOrDir];
  const names = (await readdir(fileOrDir)).filter(isEventFileName);
  return names.sort().map((name) => join(fileOrDir, name));
};

/** @returns false if the signal ended the wait */
const waitUnlessAborted = async (
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> => {
  try {
    await sleep(seconds * 1000, undefined, signal && { signal });
    return true;
  } catch (error) {
    if (signal?.aborted) return false;
    throw error;
  }
};
