import { hostname as machineName } from 'node:os';
import { join } from 'node:path';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { makeDirectorySync, pathOf } from '@elistimator/internal';
import { EventSchema, SessionLog_SessionStatus } from '@elistimator/protos';
import { BackgroundWriter } from '../files/background-writer';
import { createEventFile, type EventFile, eventFileName } from '../files/event-file';
import { RotatingFile } from '../files/rotating-file';
import { assertByteCount, assertPurgeStep, type FlushOptions, readFlushLimits } from '../options';
import { RecordQueue } from '../records/record-queue';
import { ProjectorDirectory } from './projector-directory';

/** Options of a `SummaryWriter`. */
export interface SummaryWriterOptions extends FlushOptions {
  /** Suffix of the file name. Default: none. TensorFlow 2 uses `.v2`. */
  readonly fileNameSuffix?: string | undefined;
  /**
   * The first step that this writer may record, for a run that continues after a restart: TensorBoard
   * no longer shows what earlier files of the run hold at this step or later.
   */
  readonly purgeStep?: number | undefined;
  /**
   * Size in bytes at which a file is full and the next one is created. Default: no limit. The files of
   * a writer are numbered before the suffix.
   */
  readonly maxFileBytes?: number | undefined;
  /** Returns seconds since the epoch. */
  readonly clock?: (() => number) | undefined;
  readonly hostname?: string | undefined;
  readonly pid?: number | undefined;
  /** Creates the file; must throw an error with code `EEXIST` if it exists. */
  readonly createFile?: ((path: string) => EventFile) | undefined;
}

export interface Run {
  readonly logDir: string;
  readonly writer: BackgroundWriter<RecordQueue>;
  readonly projector: ProjectorDirectory;
  readonly clock: () => number;
  /** Prepended to every tag. */
  readonly prefix: string;
}

type EventInit = MessageInitShape<typeof EventSchema>;

/** Queues an event of any kind. `ScalarEncoder` is faster for plain scalars. */
export const appendEvent = ({ writer }: Run, event: EventInit): void => {
  writer.queue.append(encodeEvent(event));
  writer.scheduleWrite();
};

/**
 * Creates the directory and an event file, and queues the first events of the file.
 *
 * @param directory a path or a `file:` URL
 * @throws PathError with the path and the system's code; SummaryOptionError
 */
export const openRun = (directory: string | URL, options: SummaryWriterOptions): Run => {
  const limits = readFlushLimits(options);
  const { purgeStep, maxFileBytes, clock = () => Date.now() / 1000 } = options;
  assertPurgeStep(purgeStep);
  if (maxFileBytes !== undefined) assertByteCount('maxFileBytes', maxFileBytes);
  const logDir = pathOf(directory, 'logDir');
  makeDirectorySync(logDir);
  const wallTime = clock();
  const { path, file } = createRunFile(logDir, wallTime, options);
  const writer = new BackgroundWriter(path, file, limits, new RecordQueue());
  const run = { logDir, writer, clock, projector: new ProjectorDirectory(logDir), prefix: '' };
  appendEvent(run, firstEvent(wallTime));
  if (purgeStep !== undefined) {
    const value = { status: SessionLog_SessionStatus.START };
    const start: EventInit = {
      wallTime,
      step: BigInt(purgeStep),
      what: { case: 'sessionLog', value },
    };
    // Twice, because TensorBoard's Python reader takes the first START of a run as its beginning and
    // purges only at later ones, and the earlier files of the run may not have one.
    appendEvent(run, start);
    appendEvent(run, start);
  }
  return run;
};

/** The number of event files of this process, which makes their names unique. */
let fileCount = 0;

/**
 * Creates a file with a new name. The name may be taken by a process in another container, which can
 * have the same host name and process id.
 */
const createRunFile = (logDir: string, seconds: number, options: SummaryWriterOptions) => {
  const { hostname = machineName(), pid = process.pid, fileNameSuffix: suffix = '' } = options;
  const { maxFileBytes, createFile = createEventFile } = options;
  const isRotated = maxFileBytes !== undefined;
  for (;;) {
    const name = { seconds, hostname, pid, suffix, counter: fileCount++ };
    const pathOf = (part: number) =>
      join(logDir, eventFileName(isRotated ? { ...name, part } : name));
    const path = pathOf(0);
    try {
      const file = createFile(path);
      if (!isRotated) return { path, file };
      const header = frameRecord(encodeEvent(firstEvent(seconds)));
      const createNext = (part: number) => createFile(pathOf(part));
      return { path, file: new RotatingFile(file, maxFileBytes, header, createNext) };
    } catch (error) {
      if (!isExistsError(error)) throw error;
    }
  }
};

const isExistsError = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** The first event of each file, which names the format and the writer. */
const firstEvent = (wallTime: number): EventInit => ({
  wallTime,
  what: { case: 'fileVersion', value: 'brain.Event:2' },
  sourceMetadata: { writer: 'tfjs-tensorboard-writer' },
});

const encodeEvent = (event: EventInit): Uint8Array =>
  toBinary(EventSchema, create(EventSchema, event));

const frameRecord = (payload: Uint8Array): Uint8Array => {
  const queue = new RecordQueue();
  queue.append(payload);
  return Buffer.concat(queue.take());
};
