import { fromBinary } from '@bufbuild/protobuf';
import { type Event, EventSchema } from '@elistimator/protos';
import { CorruptEventFileError } from './errors';
import { eventFiles } from './event-files';
import { checked } from './flush-limits';
import { followRecords } from './follow-records';
import { type EventRecord, readRecords } from './record-reader';

/** How events are read. */
export interface ReadEventsOptions {
  /** Whether to wait for more at the end, also for more files of the run; false by default. */
  readonly follow?: boolean | undefined;
  /** Ends the reading, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds between two looks for more; 0.5 by default. */
  readonly pollSecs?: number | undefined;
}

const parseEvent = ({ path, payload, offset }: EventRecord): Event => {
  try {
    return fromBinary(EventSchema, payload);
  } catch (error) {
    throw new CorruptEventFileError(path, offset, 'data that is no event', error);
  }
};

async function* recordsOf(fileOrDir: string): AsyncGenerator<EventRecord, void, undefined> {
  for (const path of await eventFiles(fileOrDir)) yield* readRecords(path);
}

/**
 * Reads events as they lie in an event file, or in all event files of a run's directory, with both
 * checksums of every record verified. A file's cut-off end, as a writer under way leaves it, is no
 * error: reading goes on with the next file, and with `follow` comes back to it.
 *
 * @param fileOrDir subdirectories, which are other runs, are not read
 * @throws CorruptEventFileError at a damaged record, after the events before it; SummaryOptionError
 */
export async function* readEvents(
  fileOrDir: string,
  options: ReadEventsOptions = {},
): AsyncGenerator<Event, void, undefined> {
  const { follow = false, signal, pollSecs = 0.5 } = options;
  checked('pollSecs', pollSecs, pollSecs > 0 && pollSecs < 2 ** 31 / 1000, 'seconds, more than 0');
  const records = follow ? followRecords(fileOrDir, pollSecs, signal) : recordsOf(fileOrDir);
  for await (const record of records) {
    if (signal?.aborted) return;
    yield parseEvent(record);
  }
}
