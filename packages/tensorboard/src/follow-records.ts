import { setTimeout as sleep } from 'node:timers/promises';
import { eventFiles } from './event-files';
import { type EventRecord, RecordReader } from './record-reader';

/** Waits; false when the signal ended it. */
const hasWaited = async (seconds: number, signal: AbortSignal | undefined): Promise<boolean> => {
  try {
    await sleep(seconds * 1000, undefined, signal && { signal });
    return true;
  } catch (error) {
    if (signal?.aborted) return false;
    throw error;
  }
};

/**
 * Reads the records of a run's files as they come, those of files that come later too. Every file is
 * looked at each time, since two processes may write to one run. It looks rather than being told of
 * changes: file systems of networks tell nothing.
 *
 * @param signal ends the reading, without an error
 */
export async function* followRecords(
  fileOrDir: string,
  pollSecs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventRecord, void, undefined> {
  const readers = new Map<string, RecordReader>();
  try {
    do {
      for (const path of await eventFiles(fileOrDir)) {
        const reader = readers.get(path) ?? (await RecordReader.open(path));
        readers.set(path, reader);
        for (let record = await reader.next(); record; record = await reader.next()) yield record;
      }
    } while (await hasWaited(pollSecs, signal));
  } finally {
    await Promise.all([...readers.values()].map((reader) => reader.close()));
  }
}
