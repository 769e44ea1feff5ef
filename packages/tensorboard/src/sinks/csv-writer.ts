import { join } from 'node:path';
import { assertArguments, checkMethods, kinds, pathOf, required } from '@elistimator/internal';
import { SummaryValueError } from '../errors';
import { LineSink, type LogFileOptions, logFileParameters } from './line-sink';
import type { ScalarPoint, SummarySink } from './summary-sink';

/** Quotes a field if necessary. Source: RFC 4180. */
const quoteField = (text: string): string =>
  /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const assertSingleLine = (tag: string): void => {
  if (!/[\r\n]/.test(tag)) return;
  const fix = 'Use another tag.';
  throw new SummaryValueError(tag, 'a tag without line breaks', 'a tag of several lines', fix);
};

/**
 * Writes the scalars of a run as comma-separated values: `wall_time,step,tag,value`. Other summaries
 * are ignored. An existing file is continued.
 */
export class CsvWriter implements SummarySink {
  readonly #lines: LineSink;
  /** The absolute path of the directory of the run. */
  readonly logDir: string;

  /**
   * Creates the directory and the file, or opens an existing file.
   *
   * @param logDir the directory of the run, as a path or a `file:` URL
   * @param options `fileName` defaults to `scalars.csv`
   * @throws PathError with the path and the system's code; SummaryOptionError
   */
  constructor(logDir: string | URL, options: LogFileOptions = {}) {
    assertArguments('new CsvWriter()', arguments, logFileParameters);
    this.logDir = pathOf(logDir, 'logDir');
    this.#lines = new LineSink(join(this.logDir, options.fileName ?? 'scalars.csv'), options, {
      header: 'wall_time,step,tag,value',
      // The first two fields are numbers, which are never quoted.
      stepOf: (line) => Number(line.split(',', 2)[1]),
      formatScalar: ({ tag, value, step, wallTime }) => {
        assertSingleLine(tag);
        return `${wallTime},${step},${quoteField(tag)},${value}`;
      },
    });
  }

  /** Path of the file. */
  get path(): string {
    return this.#lines.path;
  }

  /** Records a number. NaN and infinities are written as `NaN`, `Infinity` and `-Infinity`. */
  scalar(tag: string, value: number, step: number): void {
    this.scalars([{ tag, value, step }]);
  }

  /** Records several scalars, or none if one of them is not valid. */
  scalars(points: readonly ScalarPoint[]): void {
    this.#lines.scalars(points);
  }

  /** Does nothing. */
  histogram(): void {}

  /** Does nothing. */
  images(): void {}

  /** Does nothing. */
  text(): void {}

  /** @throws EventWriteError if a write in the background failed */
  flush(): Promise<void> {
    return this.#lines.flush();
  }

  /** @throws EventWriteError if a write in the background failed */
  close(): Promise<void> {
    return this.#lines.close();
  }

  /** Closes the file at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

checkMethods(CsvWriter.prototype, 'CsvWriter.', {
  scalar: { tag: required(), value: required(), step: required() },
  scalars: { points: required(kinds.array) },
  flush: {},
  close: {},
});
