import {
  ArgumentError,
  assertArguments,
  checkMethods,
  describeArgument,
  ExplainedRangeError,
  kinds,
  options,
  required,
  requiredOptions,
} from '@elistimator/internal';
import { formatMeter } from './format-meter';
import { GuardedStream, type ProgressStream, StatusLine } from './terminal';

/** Options of a {@link TqdmReporter}. */
export interface TqdmReporterOptions {
  /** The output for meters. Default: `process.stderr`, as in tqdm. */
  readonly stream?: ProgressStream | undefined;
  /**
   * The output for messages. Default: `stream` if that is set, else `process.stdout`, as for Python's
   * `print`, so that redirecting standard output collects the messages only.
   */
  readonly messageStream?: ProgressStream | undefined;
  /** A monotonic clock, in seconds. Default: `performance.now()`. */
  readonly clock?: (() => number) | undefined;
  /** Maximum width of a meter in columns. Default: 80. A narrower terminal reduces it; 0 omits the bar. */
  readonly ncols?: number | undefined;
  /** Minimum number of seconds between redraws on a terminal. Default: 0.1. */
  readonly minInterval?: number | undefined;
  /** Minimum number of seconds between lines if `stream` is not a terminal. Default: 10. */
  readonly logInterval?: number | undefined;
  /** Weight of the newest interval in the rate, 0..1. Default: 0.3; 0 shows the overall average. */
  readonly smoothing?: number | undefined;
  /** Name of the unit that is counted. Default: `it`. */
  readonly unit?: string | undefined;
}

/** A task whose progress is shown, such as a round of training. */
export interface TqdmTask {
  /** Text before the meter, without a colon. */
  readonly label: string;
  /** Number of steps, if known. */
  readonly total?: number | undefined;
}

/** A number that an option of a reporter does not allow. */
export class ProgressOptionError extends ExplainedRangeError {
  override readonly name = 'ProgressOptionError';

  constructor(option: string, expected: string, actual: unknown, fix: string) {
    super({ subject: `TqdmReporter option "${option}"`, expected, actual: String(actual), fix });
  }
}

const isColumnCount = (value: number) => Number.isInteger(value) && value >= 0;
const isDuration = (value: number) => value >= 0;
const isWeight = (value: number) => value >= 0 && value <= 1;

const numberOption = (
  option: string,
  value: number | undefined,
  fallback: number,
  isValid: (value: number) => boolean,
  expected: string,
): number => {
  if (value === undefined) return fallback;
  if (isValid(value)) return value;
  throw new ProgressOptionError(option, expected, value, `Omit it to use ${fallback}.`);
};

const reporterParameters = {
  options: options<TqdmReporterOptions>({
    stream: kinds.object,
    messageStream: kinds.object,
    clock: kinds.callback,
    ncols: true,
    minInterval: true,
    logInterval: true,
    smoothing: true,
    unit: kinds.string,
  }),
} as const;

const assertPostfix = (postfix: Readonly<Record<string, unknown>>): void => {
  for (const [name, text] of Object.entries(postfix)) {
    if (typeof text === 'string') continue;
    throw new ArgumentError({
      subject: `"${name}" in the postfix of show()`,
      expected: 'a string',
      actual: describeArgument(text),
      fix: 'Format the value first, for example with value.toFixed(6).',
    });
  }
};

interface ActiveTask extends TqdmTask {
  readonly startTime: number;
  n: number;
  postfix: string;
  lastTime: number;
  lastN: number;
  isDue: boolean;
  readonly averageSteps: MovingAverage;
  readonly averageSeconds: MovingAverage;
}

/**
 * Shows progress as tqdm does: a meter that is redrawn in place on a terminal, and lines at longer
 * intervals on any other stream.
 *
 * While a task is active, the rate is tqdm's moving average over the intervals between redraws; the
 * final meter shows the average of the task. Unlike tqdm, redraws depend on time alone, not also on an
 * estimated count of iterations. After a stream fails, nothing more is written to it; the failure is
 * not thrown.
 */
export class TqdmReporter {
  readonly #output: GuardedStream;
  readonly #messages: GuardedStream;
  readonly #line: StatusLine;
  readonly #clock: () => number;
  readonly #ncols: number;
  readonly #interval: number;
  readonly #smoothing: number;
  readonly #unit: string;
  #task: ActiveTask | undefined;

  /** @throws ProgressOptionError if a number is out of range; ArgumentError for an unknown option */
  constructor(reporterOptions: TqdmReporterOptions = {}) {
    assertArguments('new TqdmReporter()', arguments, reporterParameters);
    const stream = reporterOptions.stream ?? process.stderr;
    this.#output = new GuardedStream(stream);
    const messages = reporterOptions.messageStream ?? reporterOptions.stream ?? process.stdout;
    this.#messages = messages === stream ? this.#output : new GuardedStream(messages);
    this.#line = new StatusLine(this.#output);
    this.#clock = reporterOptions.clock ?? (() => performance.now() / 1000);
    const { ncols, minInterval, logInterval, smoothing } = reporterOptions;
    this.#ncols = numberOption('ncols', ncols, 80, isColumnCount, 'a non-negative integer');
    const seconds = 'a non-negative number of seconds';
    const redraw = numberOption('minInterval', minInterval, 0.1, isDuration, seconds);
    const log = numberOption('logInterval', logInterval, 10, isDuration, seconds);
    this.#interval = this.#output.isTerminal ? redraw : log;
    this.#smoothing = numberOption('smoothing', smoothing, 0.3, isWeight, 'a number in 0..1');
    this.#unit = reporterOptions.unit ?? 'it';
  }

  /** Starts a task. If another one is active, it is ended first. */
  begin(task: TqdmTask): void {
    this.end();
    const now = this.#clock();
    this.#task = {
      label: task.label,
      total: task.total,
      startTime: now,
      n: 0,
      postfix: '',
      lastTime: now,
      lastN: 0,
      isDue: false,
      averageSteps: new MovingAverage(this.#smoothing),
      averageSeconds: new MovingAverage(this.#smoothing),
    };
    if (this.#output.isTerminal) this.#line.draw(this.#meter(this.#task, now));
  }

  /**
   * Counts finished steps.
   *
   * @returns true if a redraw is due: call `show` then
   */
  advance(steps: number): boolean {
    const task = this.#task;
    if (!task) return false;
    task.n += steps;
    if (this.#output.isBroken) return false;
    const now = this.#clock();
    const seconds = now - task.lastTime;
    if (seconds < this.#interval) return false;
    if (this.#smoothing > 0 && seconds > 0 && task.n !== task.lastN) {
      task.averageSteps.add(task.n - task.lastN);
      task.averageSeconds.add(seconds);
    }
    task.lastN = task.n;
    task.lastTime = now;
    task.isDue = true;
    return true;
  }

  /**
   * Redraws the meter with a postfix. If the stream is not a terminal, a line is written only if
   * `advance` returned true before; the final line shows the last postfix in any case.
   *
   * @param postfix formatted values by name, in the order in which they are shown
   * @throws ArgumentError if a value is not a string
   */
  show(postfix: Readonly<Record<string, string>>): void {
    assertPostfix(postfix);
    const task = this.#task;
    if (!task) return;
    task.postfix = Object.entries(postfix)
      .map(([name, text]) => `${name}=${text.trim()}`)
      .join(', ');
    if (this.#output.isTerminal) this.#line.draw(this.#meter(task, this.#clock()));
    else if (task.isDue) this.#output.write(`${this.#meter(task, this.#clock())}\n`);
    task.isDue = false;
  }

  /** Ends the task: draws its final meter, with the average rate, which stays on the screen. */
  end(): void {
    const task = this.#task;
    if (!task) return;
    this.#task = undefined;
    const meter = this.#meter({ ...task, averageSeconds: new MovingAverage(0) }, this.#clock());
    if (this.#output.isTerminal) {
      this.#line.draw(meter);
      this.#line.finish();
    } else {
      this.#output.write(`${meter}\n`);
    }
  }

  /** Prints a line, above the meter if a task is active. */
  message(text: string): void {
    const isDrawn = this.#task !== undefined && this.#output.isTerminal;
    const meter = isDrawn ? this.#line.clear() : '';
    this.#messages.write(`${text}\n`);
    if (isDrawn) this.#line.draw(meter);
  }

  #meter(task: ActiveTask, now: number): string {
    const seconds = task.averageSeconds.value;
    const columns = this.#output.columns;
    const text = formatMeter({
      n: task.n,
      total: task.total,
      elapsed: now - task.startTime,
      ncols: columns ? Math.min(columns, this.#ncols) : this.#ncols,
      prefix: task.label,
      postfix: task.postfix,
      unit: this.#unit,
      rate: seconds > 0 ? task.averageSteps.value / seconds : undefined,
    });
    // A line break inside a label or postfix would leave parts of old meters on the screen.
    return text.replace(/[\r\n]+/g, ' ');
  }
}

/**
 * Has the methods of {@link TqdmReporter} and shows nothing, not even messages: for code that always
 * calls a reporter.
 */
export class SilentReporter {
  /** @throws ArgumentError: it has no options */
  constructor() {
    assertArguments('new SilentReporter()', arguments, {});
  }

  begin(_task: TqdmTask): void {}

  /** @returns false, because a redraw is never due */
  advance(_steps: number): boolean {
    return false;
  }

  show(_postfix: Readonly<Record<string, string>>): void {}

  end(): void {}

  message(_text: string): void {}
}

const methods = {
  begin: {
    task: requiredOptions<TqdmTask>({ label: required(kinds.string), total: kinds.number }),
  },
  advance: { steps: required(kinds.number) },
  show: { postfix: required(kinds.object) },
  end: {},
  message: { text: required(kinds.string) },
} as const;

checkMethods(TqdmReporter.prototype, 'TqdmReporter.', methods);
checkMethods(SilentReporter.prototype, 'SilentReporter.', methods);

/**
 * An exponential moving average, corrected for the bias towards its start value 0.
 * Source: `EMA` in tqdm's `std.py`.
 */
export class MovingAverage {
  #last = 0;
  #count = 0;

  /** @param smoothing weight of the newest value, 0..1 */
  constructor(private readonly smoothing: number) {}

  add(value: number): void {
    this.#last = this.smoothing * value + (1 - this.smoothing) * this.#last;
    this.#count += 1;
  }

  /** 0 before the first value. */
  get value(): number {
    return this.#count === 0 ? 0 : this.#last / (1 - (1 - this.smoothing) ** this.#count);
  }
}
