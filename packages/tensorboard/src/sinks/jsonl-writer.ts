import { join } from 'node:path';
import { assertArguments, checkMethods, kinds, pathOf, required } from '@elistimator/internal';
import { DEFAULT_BUCKETS, histogramBuckets } from '../summaries/histogram';
import { readNumbers, type TensorLike } from '../tensor-like';
import { LineSink, type LogFileOptions, logFileParameters } from './line-sink';
import type { ScalarPoint, SummarySink } from './summary-sink';

/** JSON has no NaN and no infinities, so they become strings, as in TensorBoard's HTTP API. */
const jsonNumber = (value: number): number | string =>
  Number.isFinite(value) ? value : String(value);

/**
 * Writes one JSON object per line: `wallTime`, `step`, `tag`, and the `value` of a scalar, a `histogram`
 * (rows of left edge, right edge, count) or a `text`. Images are ignored. An existing file is continued.
 */
export class JsonlWriter implements SummarySink {
  readonly #lines: LineSink;
  /** The absolute path of the directory of the run. */
  readonly logDir: string;

  /**
   * Creates the directory and the file, or opens an existing file.
   *
   * @param logDir the directory of the run, as a path or a `file:` URL
   * @param options `fileName` defaults to `summaries.jsonl`
   * @throws PathError with the path and the system's code; SummaryOptionError
   */
  constructor(logDir: string | URL, options: LogFileOptions = {}) {
    assertArguments('new JsonlWriter()', arguments, logFileParameters);
    this.logDir = pathOf(logDir, 'logDir');
    this.#lines = new LineSink(join(this.logDir, options.fileName ?? 'summaries.jsonl'), options, {
      stepOf: (line) => {
        const { step }: { step?: unknown } = JSON.parse(line);
        return Number(step);
      },
      formatScalar: ({ tag, value, step, wallTime }) =>
        JSON.stringify({ wallTime, step, tag, value: jsonNumber(value) }),
    });
  }

  /** Path of the file. */
  get path(): string {
    return this.#lines.path;
  }

  /** Records a number. NaN and infinities are written as `"NaN"`, `"Infinity"` and `"-Infinity"`. */
  scalar(tag: string, value: number, step: number): void {
    this.scalars([{ tag, value, step }]);
  }

  /** Records several scalars, or none if one of them is not valid. */
  scalars(points: readonly ScalarPoint[]): void {
    this.#lines.scalars(points);
  }

  /** Records the distribution of values in 30 buckets. @throws SummaryValueError if a value is not finite */
  histogram(tag: string, values: TensorLike | ArrayLike<number>, step: number): void {
    this.#lines.append(tag, step, (wallTime) => {
      const rows = histogramBuckets(tag, readNumbers(tag, values).data, DEFAULT_BUCKETS);
      const histogram = Array.from({ length: rows.length / 3 }, (_, i) => [
        ...rows.subarray(i * 3, i * 3 + 3),
      ]);
      return JSON.stringify({ wallTime, step, tag, histogram });
    });
  }

  /** Does nothing. */
  images(): void {}

  text(tag: string, markdown: string, step: number): void {
    this.#lines.append(tag, step, (wallTime) =>
      JSON.stringify({ wallTime, step, tag, text: markdown }),
    );
  }

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

checkMethods(JsonlWriter.prototype, 'JsonlWriter.', {
  scalar: { tag: required(), value: required(), step: required() },
  scalars: { points: required(kinds.array) },
  histogram: { tag: required(), values: required(), step: required() },
  text: { tag: required(), markdown: required(kinds.string), step: required() },
  flush: {},
  close: {},
});
