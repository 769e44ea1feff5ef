import { join } from 'node:path';
import { checkPoint } from './check-point';
import { SummaryValueError } from './errors';
import { checkPurgeStep } from './flush-limits';
import { type LineWriter, openLineFile } from './line-file';
import type { LogFileOptions } from './log-file-options';
import type { ScalarPoint } from './summary-recorder';
import type { SummarySink } from './summary-sink';

const HEADER = 'wall_time,step,tag,value';

/** A field as RFC 4180 has it. */
const field = (text: string): string =>
  /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const checkTag = (tag: string): void => {
  if (!/[\r\n]/.test(tag)) return;
  const fix = 'Name what is recorded in one line.';
  throw new SummaryValueError(tag, 'a tag without line breaks', 'one with', fix);
};

/**
 * Writes scalars as comma-separated values: `wall_time,step,tag,value`. Histograms, images and texts
 * are left out. A file that is there already is gone on with.
 */
export class CsvWriter implements SummarySink {
  readonly #lines: LineWriter;
  readonly #clock: () => number;

  /**
   * @param logDir the run's directory, which is created with its parents
   * @param options `fileName` is `scalars.csv` by default
   * @throws the file system's error when that can't be done; SummaryOptionError
   */
  constructor(
    readonly logDir: string,
    options: LogFileOptions = {},
  ) {
    const { fileName = 'scalars.csv', purgeStep, clock = () => Date.now() / 1000 } = options;
    checkPurgeStep(purgeStep);
    // The step is the second field, and neither it nor the first is ever quoted.
    const isEarlier = (line: string) =>
      line === HEADER || Number(line.split(',', 2)[1]) < Number(purgeStep);
    this.#lines = openLineFile(
      join(logDir, fileName),
      options,
      purgeStep === undefined ? undefined : isEarlier,
    );
    this.#clock = clock;
    if (this.#lines.isAtStart) this.#lines.queue.append(HEADER);
  }

  /** The file. */
  get path(): string {
    return this.#lines.path;
  }

  /** Records a number. NaN and infinities are `NaN`, `Infinity` and `-Infinity`. */
  scalar(tag: string, value: number, step: number): void {
    this.scalars([{ tag, value, step }]);
  }

  /** Records many scalars, or none of them when one is refused. */
  scalars(points: readonly ScalarPoint[]): void {
    this.#lines.assertUsable();
    const now = this.#clock();
    for (const { tag, step, wallTime = now } of points) {
      checkPoint(tag, step, wallTime);
      checkTag(tag);
    }
    for (const { tag, value, step, wallTime = now } of points) {
      this.#lines.queue.append(`${wallTime},${step},${field(tag)},${value}`);
    }
    this.#lines.queued();
  }

  /** Left out. */
  histogram(): void {}

  /** Left out. */
  images(): void {}

  /** Left out. */
  text(): void {}

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
}
