import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { type Event, EventSchema } from '@elistimator/protos';
import { CorruptEventFileError } from './errors';
import { isEventFileName } from './event-file-name';
import { type EventRecord, readRecords } from './record-reader';

/** The event files of a run in TensorBoard's order, which is that of their names. */
const eventFiles = async (fileOrDir: string): Promise<string[]> => {
  if (!(await stat(fileOrDir)).isDirectory()) return [fileOrDir];
  const names = (await readdir(fileOrDir)).filter(isEventFileName);
  return names.sort().map((name) => join(fileOrDir, name));
};

const parseEvent = (path: string, { payload, offset }: EventRecord): Event => {
  try {
    return fromBinary(EventSchema, payload);
  } catch (error) {
    throw new CorruptEventFileError(path, offset, 'data that is no event', error);
  }
};

/**
 * Reads events as they lie in an event file, or in all event files of a run's directory, with both
 * checksums of every record verified. A file's cut-off end, as a writer under way leaves it, is no
 * error: reading goes on with the next file.
 *
 * @param fileOrDir subdirectories, which are other runs, are not read
 * @throws CorruptEventFileError at a damaged record, after the events before it
 */
export async function* readEvents(fileOrDir: string): AsyncGenerator<Event, void, undefined> {
  for (const path of await eventFiles(fileOrDir)) {
    for await (const record of readRecords(path)) yield parseEvent(path, record);
  }
}
