import { join } from 'node:path';
import { checkPoint } from './check-point';
import { checkPurgeStep } from './flush-limits';
import { type LineWriter, openLineFile } from './line-file';
import type { LogFileOptions } from './log-file-options';
import { DEFAULT_BUCKETS, histogramBuckets } from './summaries/histogram-buckets';
import type { ScalarPoint } from './summary-recorder';
import type { SummarySink } from './summary-sink';
import { readNumbers, type TensorLike } from './tensor-like';

/** JSON has no such numbers; TensorBoard's HTTP API writes them as strings too. */
const jsonNumber = (value: number): number | string =>
  Number.isFinite(value) ? value : String(value);

const stepOf = (line: string): number => {
  const { step }: { step?: unknown } = JSON.parse(line);
  return Number(step);
};

/**
 * Writes one JSON object a line: `wallTime`, `step`, `tag`, and `value` of a scalar, `histogram` (rows
 * of left edge, right edge, count) or `text`. Images are left out. A file that is there already is
 * gone on with.
 */
export class JsonlWriter implements SummarySink {
  readonly #lines: LineWriter;
  readonly #clock: () => number;

  /**
   * @param logDir the run's directory, which is created with its parents
   * @param options `fileName` is `summaries.jsonl` by default
   * @throws the file system's error when that can't be done; SummaryOptionError
   */
  constructor(
    readonly logDir: string,
    options: LogFileOptions = {},
  ) {
    const { fileName = 'summaries.jsonl', purgeStep, clock = () => Date.now() / 1000 } = options;
    checkPurgeStep(purgeStep);
    this.#lines = openLineFile(
      join(logDir, fileName),
      options,
      purgeStep === undefined ? undefined : (line) => stepOf(line) < purgeStep,
    );
    this.#clock = clock;
  }

  /** The file. */
  get path(): string {
    return this.#lines.path;
  }

  /** Records a number. NaN and infinities are `"NaN"`, `"Infinity"` and `"-Infinity"`. */
  scalar(tag: string, value: number, step: number): void {
    this.scalars([{ tag, value, step }]);
  }

  /** Records many scalars, or none of them when one is refused. */
  scalars(points: readonly ScalarPoint[]): void {
    this.#lines.assertUsable();
    const now = this.#clock();
    for (const { tag, step, wallTime = now } of points) checkPoint(tag, step, wallTime);
    for (const { tag, value, step, wallTime = now } of points) {
      this.#append({ wallTime, step, tag, value: jsonNumber(value) });
    }
    this.#lines.queued();
  }

  /** @throws SummaryValueError when a value is not finite */
  histogram(tag: string, values: TensorLike | ArrayLike<number>, step: number): void {
    const wallTime = this.#check(tag, step);
    const rows = histogramBuckets(tag, readNumbers(tag, values).data, DEFAULT_BUCKETS);
    const histogram = Array.from({ length: rows.length / 3 }, (_, i) => [
      ...rows.subarray(i * 3, i * 3 + 3),
    ]);
    this.#append({ wallTime, step, tag, histogram });
    this.#lines.queued();
  }

  /** Left out. */
  images(): void {}

  text(tag: string, markdown: string, step: number): void {
    this.#append({ wallTime: this.#check(tag, step), step, tag, text: markdown });
    this.#lines.queued();
  }

  /** @throws EventWriteError what went wrong in the background */
  flush(): Promise<void> {
    return this.#lines.flush();
  }

  /** @throws EventWriteError what went wrong in the background */
  close(): Promise<void> {
    return this.#lines.close();
  }

  /** Closes at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @returns the time of the call */
  #check(tag: string, step: number): number {
    this.#lines.assertUsable();
    const wallTime = this.#clock();
    checkPoint(tag, step, wallTime);
    return wallTime;
  }

  #append(line: object): void {
    this.#lines.queue.append(JSON.stringify(line));
  }
}
