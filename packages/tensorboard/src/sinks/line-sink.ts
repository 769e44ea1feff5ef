import { closeSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  kinds,
  makeDirectorySync,
  options,
  type ParameterList,
  required,
} from '@elistimator/internal';
import { BackgroundWriter, type ByteQueue } from '../files/background-writer';
import { openEventFile } from '../files/event-file';
import { assertPurgeStep, type FlushOptions, readFlushLimits } from '../options';
import { assertScalarPoint, assertScalarValue, type ScalarPoint } from './summary-sink';

/** Options of a text file with the summaries of a run. */
export interface LogFileOptions extends FlushOptions {
  /** Name of the file in the directory of the run. */
  readonly fileName?: string | undefined;
  /**
   * The first step that this writer may record, for a run that continues after a restart: the lines of
   * the file at this step or later are removed.
   */
  readonly purgeStep?: number | undefined;
  /** Returns seconds since the epoch. */
  readonly clock?: (() => number) | undefined;
}

/** The parameters of the constructors of writers that use a `LineSink`. */
export const logFileParameters: ParameterList = {
  logDir: required(),
  options: options<LogFileOptions>({
    flushSecs: true,
    flushBytes: true,
    maxQueueBytes: true,
    fileName: kinds.string,
    purgeStep: true,
    clock: kinds.callback,
  }),
};

interface LineFormat {
  readonly header?: string;
  stepOf(line: string): number;
  formatScalar(point: ScalarPoint & { readonly wallTime: number }): string;
}

/**
 * A text file of a run that is written line by line in the background. An existing file is continued;
 * an incomplete last line, as a killed process leaves it, is removed.
 */
export class LineSink {
  readonly #writer: BackgroundWriter<LineQueue>;
  readonly #clock: () => number;
  readonly #format: LineFormat;

  /**
   * Creates the file and its directory, or opens an existing file.
   *
   * @throws an error of the file system; SummaryOptionError
   */
  constructor(path: string, fileOptions: LogFileOptions, format: LineFormat) {
    const { purgeStep, clock = () => Date.now() / 1000 } = fileOptions;
    assertPurgeStep(purgeStep);
    const limits = readFlushLimits(fileOptions);
    const { header } = format;
    const isKept = (line: string, step: number) => line === header || format.stepOf(line) < step;
    makeDirectorySync(dirname(path));
    closeSync(openSync(path, 'a'));
    repairLines(path, purgeStep === undefined ? undefined : (line) => isKept(line, purgeStep));
    const { size } = statSync(path);
    this.#writer = new BackgroundWriter(path, openEventFile(path), limits, new LineQueue(), size);
    this.#clock = clock;
    this.#format = format;
    if (header !== undefined && this.#writer.isEmpty) this.#writer.queue.append(header);
  }

  get path(): string {
    return this.#writer.path;
  }

  /** Appends a line for each scalar, or none if one of them is not valid. */
  scalars(points: readonly ScalarPoint[]): void {
    this.#writer.assertUsable();
    const now = this.#clock();
    const lines = points.map((point) => {
      const { tag, step, wallTime = now } = point;
      assertScalarPoint(tag, step, wallTime);
      assertScalarValue(tag, point.value);
      return this.#format.formatScalar({ ...point, wallTime });
    });
    for (const line of lines) this.#writer.queue.append(line);
    this.#writer.scheduleWrite();
  }

  /** Appends a line for one summary of another kind. */
  append(tag: string, step: number, format: (wallTime: number) => string): void {
    this.#writer.assertUsable();
    const wallTime = this.#clock();
    assertScalarPoint(tag, step, wallTime);
    this.#writer.queue.append(format(wallTime));
    this.#writer.scheduleWrite();
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}

/**
 * Removes an incomplete last line, and the lines that are not kept. The file is replaced atomically, or
 * not touched if it has only lines that are kept anyway.
 */
const repairLines = (path: string, isKept?: (line: string) => boolean): void => {
  const content = readFileSync(path, 'utf8');
  if (!isKept && (content === '' || content.endsWith('\n'))) return;
  const lines = content.split('\n').slice(0, -1);
  const replacement = `${path}.new`;
  const keptLines = isKept ? lines.filter(isKept) : lines;
  writeFileSync(replacement, keptLines.map((line) => `${line}\n`).join(''));
  renameSync(replacement, path);
};

class LineQueue implements ByteQueue {
  #lines: string[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param line without a line break */
  append(line: string): void {
    this.#lines.push(line);
    this.#size += Buffer.byteLength(line) + 1;
  }

  take(): Uint8Array[] {
    if (this.#lines.length === 0) return [];
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    this.#size = 0;
    return [Buffer.from(text)];
  }
}
