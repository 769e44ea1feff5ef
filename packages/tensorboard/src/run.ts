import { mkdirSync } from 'node:fs';
import { hostname as machineName } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { EventSchema, SessionLog_SessionStatus } from '@elistimator/protos';
import { appendEvent, type EventWriter } from './append-event';
import { BackgroundWriter } from './background-writer';
import { createEventFile, type EventFile } from './event-file';
import { eventFileName } from './event-file-name';
import { checked, checkPurgeStep, type FlushOptions, isBytes, readLimits } from './flush-limits';
import { ProjectorDirectory } from './projector-directory';
import { RecordQueue } from './record-queue';
import { RotatingFile } from './rotating-file';

/** How a writer names its file and when it writes. */
export interface SummaryWriterOptions extends FlushOptions {
  /** What the file name ends in; nothing by default. TensorFlow 2 uses `.v2`. */
  readonly fileNameSuffix?: string | undefined;
  /**
   * The first step that this writer may record. Give it when a run goes on after a restart: what
   * earlier files of the run hold at this step or later is not shown any more.
   */
  readonly purgeStep?: number | undefined;
  /**
   * Bytes at which a file is full and the next one begins; without limit by default. Files of one
   * writer are numbered before the suffix.
   */
  readonly maxFileBytes?: number | undefined;
  /** Seconds since the epoch. */
  readonly clock?: (() => number) | undefined;
  readonly hostname?: string | undefined;
  readonly pid?: number | undefined;
  /** Creates the file, and throws an error with code `EEXIST` when it is there already. */
  readonly createFile?: ((path: string) => EventFile) | undefined;
}

/** An open event file of a run. */
export interface Run {
  readonly logDir: string;
  readonly writer: EventWriter;
  readonly projector: ProjectorDirectory;
  readonly clock: () => number;
}

const FILE_VERSION = 'brain.Event:2';
const WRITER_NAME = 'tfjs-tensorboard-writer';

/** Counts the event files of this process, so that no two have one name. */
let counter = 0;

const isTaken = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** The first event of each file. */
const fileStart = (wallTime: number): Uint8Array => {
  const what = { case: 'fileVersion', value: FILE_VERSION } as const;
  const sourceMetadata = { writer: WRITER_NAME };
  return toBinary(EventSchema, create(EventSchema, { wallTime, what, sourceMetadata }));
};

const framed = (payload: Uint8Array): Uint8Array => {
  const queue = new RecordQueue();
  queue.append(payload);
  return Buffer.concat(queue.take());
};

/** Creates a file of a new name; a container may have given another process the same name and id. */
const createFile = (logDir: string, seconds: number, options: SummaryWriterOptions) => {
  const { hostname = machineName(), pid = process.pid, fileNameSuffix: suffix = '' } = options;
  const { maxFileBytes, createFile: create = createEventFile } = options;
  const isRotated = maxFileBytes !== undefined;
  for (;;) {
    const name = { seconds, hostname, pid, suffix, counter: counter++ };
    const pathOf = (part: number) =>
      join(logDir, eventFileName(isRotated ? { ...name, part } : name));
    const path = pathOf(0);
    try {
      const file = create(path);
      if (!isRotated) return { path, file };
      const next = (part: number) => create(pathOf(part));
      return { path, file: new RotatingFile(file, maxFileBytes, framed(fileStart(seconds)), next) };
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
};

/**
 * Creates the directory and an event file in it, and queues the events that start a file.
 *
 * A restart is said twice: TensorBoard's Python reader takes the first START of a run for its
 * beginning and purges only from the second on, and earlier files may hold none.
 */
export const openRun = (logDir: string, options: SummaryWriterOptions): Run => {
  const limits = readLimits(options);
  const { purgeStep, maxFileBytes, clock = () => Date.now() / 1000 } = options;
  checkPurgeStep(purgeStep);
  if (maxFileBytes !== undefined) {
    checked('maxFileBytes', maxFileBytes, isBytes(maxFileBytes), 'bytes, 1 or more');
  }
  mkdirSync(logDir, { recursive: true });
  const wallTime = clock();
  const { path, file } = createFile(logDir, wallTime, options);
  const writer = new BackgroundWriter(path, file, limits, new RecordQueue());
  writer.queue.append(fileStart(wallTime));
  writer.queued();
  const restart = { status: SessionLog_SessionStatus.START };
  for (let i = 0; purgeStep !== undefined && i < 2; i++) {
    const step = BigInt(purgeStep);
    appendEvent(writer, { wallTime, step, what: { case: 'sessionLog', value: restart } });
  }
  return { logDir, writer, clock, projector: new ProjectorDirectory(logDir) };
};
