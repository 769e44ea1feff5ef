import { mkdirSync } from 'node:fs';
import { hostname as machineName } from 'node:os';
import { join } from 'node:path';
import { SessionLog_SessionStatus } from '@elistimator/protos';
import { appendEvent } from './append-event';
import { BackgroundWriter } from './background-writer';
import { SummaryOptionError } from './errors';
import { createEventFile, type EventFile } from './event-file';
import { eventFileName } from './event-file-name';

/** How a writer names its file and when it writes. */
export interface SummaryWriterOptions {
  /** What the file name ends in; nothing by default. TensorFlow 2 uses `.v2`. */
  readonly fileNameSuffix?: string | undefined;
  /**
   * The first step that this writer may record. Give it when a run goes on after a restart: what
   * earlier files of the run hold at this step or later is not shown any more.
   */
  readonly purgeStep?: number | undefined;
  /** Seconds after which a recorded value is written; 2 by default. */
  readonly flushSecs?: number | undefined;
  /** Bytes that are written at once, without waiting for `flushSecs`; 65,536 by default. */
  readonly flushBytes?: number | undefined;
  /** Bytes in memory beyond which the caller waits for the disk; 16 MiB by default. */
  readonly maxQueueBytes?: number | undefined;
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
  readonly writer: BackgroundWriter;
  readonly clock: () => number;
}

const FILE_VERSION = 'brain.Event:2';
const WRITER_NAME = 'tfjs-tensorboard-writer';

/** Counts the event files of this process, so that no two have one name. */
let counter = 0;

const isTaken = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** Creates a file of a new name; a container may have given another process the same name and id. */
const createFile = (logDir: string, seconds: number, options: SummaryWriterOptions) => {
  const { hostname = machineName(), pid = process.pid, fileNameSuffix: suffix = '' } = options;
  const create = options.createFile ?? createEventFile;
  for (;;) {
    const name = eventFileName({ seconds, hostname, pid, suffix, counter: counter++ });
    const path = join(logDir, name);
    try {
      return { path, file: create(path) };
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
};

const checked = (option: string, value: number, isValid: boolean, expected: string): number => {
  if (isValid) return value;
  throw new SummaryOptionError(option, expected, value, 'Leave it out for the default.');
};

const readLimits = (options: SummaryWriterOptions) => {
  const { flushSecs = 2, flushBytes = 1 << 16, maxQueueBytes = 1 << 24 } = options;
  const isBytes = (bytes: number) => Number.isInteger(bytes) && bytes > 0;
  // A longer timer than this fires at once.
  const isTimer = flushSecs > 0 && flushSecs < 2 ** 31 / 1000;
  const isLimit = isBytes(maxQueueBytes) && maxQueueBytes >= flushBytes;
  return {
    flushSecs: checked('flushSecs', flushSecs, isTimer, 'seconds, more than 0'),
    flushBytes: checked('flushBytes', flushBytes, isBytes(flushBytes), 'bytes, 1 or more'),
    maxQueueBytes: checked('maxQueueBytes', maxQueueBytes, isLimit, 'bytes, flushBytes or more'),
  };
};

/**
 * Creates the directory and an event file in it, and queues the events that start a file.
 *
 * A restart is said twice: TensorBoard's Python reader takes the first START of a run for its
 * beginning and purges only from the second on, and earlier files may hold none.
 */
export const openRun = (logDir: string, options: SummaryWriterOptions): Run => {
  const limits = readLimits(options);
  const { purgeStep, clock = () => Date.now() / 1000 } = options;
  if (purgeStep !== undefined) {
    const isStep = Number.isSafeInteger(purgeStep);
    checked('purgeStep', purgeStep, isStep, 'a step, which is a whole number');
  }
  mkdirSync(logDir, { recursive: true });
  const wallTime = clock();
  const { path, file } = createFile(logDir, wallTime, options);
  const writer = new BackgroundWriter(path, file, limits);
  appendEvent(writer, {
    wallTime,
    what: { case: 'fileVersion', value: FILE_VERSION },
    sourceMetadata: { writer: WRITER_NAME },
  });
  const restart = { status: SessionLog_SessionStatus.START };
  for (let i = 0; purgeStep !== undefined && i < 2; i++) {
    const step = BigInt(purgeStep);
    appendEvent(writer, { wallTime, step, what: { case: 'sessionLog', value: restart } });
  }
  return { logDir, writer, clock };
};
