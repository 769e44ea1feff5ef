import { ProgressOptionError } from './errors';
import { formatMeter } from './format-meter';
import { GuardedStream, type ProgressStream } from './guarded-stream';
import { MovingAverage } from './moving-average';
import { StatusLine } from './status-line';

/** How a reporter draws. */
export interface TqdmReporterOptions {
  /** Where meters go; `process.stderr` by default, as with tqdm. */
  readonly stream?: ProgressStream | undefined;
  /**
   * Where messages go. By default `process.stdout`, as with Python's `print`, so that redirecting it
   * collects the messages alone; when only `stream` is given, that stream.
   */
  readonly messageStream?: ProgressStream | undefined;
  /** Seconds on a clock that never goes back. */
  readonly clock?: (() => number) | undefined;
  /** Columns of a meter, at most; 80 by default. A narrower terminal makes it narrower; 0 leaves the bar out. */
  readonly ncols?: number | undefined;
  /** Seconds between redraws on a terminal, at least; 0.1 by default. */
  readonly minInterval?: number | undefined;
  /** Seconds between lines where `stream` is no terminal, at least; 10 by default. */
  readonly logInterval?: number | undefined;
  /** 0..1: the weight of the newest interval in the rate; 0.3 by default, 0 shows the overall average. */
  readonly smoothing?: number | undefined;
  /** What is counted; `it` by default. */
  readonly unit?: string | undefined;
}

/** What a round that is about to start shows. */
export interface TqdmTask {
  /** What stands before the meter, without a colon. */
  readonly label: string;
  /** Steps of the whole round, where known. */
  readonly total?: number | undefined;
}

/** A task under way. */
interface Round extends TqdmTask {
  readonly started: number;
  n: number;
  postfix: string;
  lastTime: number;
  lastN: number;
  isDue: boolean;
  readonly averageSteps: MovingAverage;
  readonly averageSeconds: MovingAverage;
}

const isWholeColumns = (value: number) => Number.isInteger(value) && value >= 0;
const isDuration = (value: number) => value >= 0;
const isWeight = (value: number) => value >= 0 && value <= 1;

const checked = (
  option: string,
  value: number | undefined,
  fallback: number,
  isValid: (value: number) => boolean,
  expected: string,
): number => {
  if (value === undefined) return fallback;
  if (isValid(value)) return value;
  throw new ProgressOptionError(option, expected, value, `Leave it out for ${fallback}.`);
};

/**
 * Shows rounds as tqdm does: in place on a terminal, as whole lines now and then anywhere else.
 *
 * During a round the rate is tqdm's moving average of what happened between redraws; the final state
 * shows the average of the whole round. Unlike tqdm, a redraw depends on time alone, not also on a
 * guessed count of iterations. A stream that fails is no longer written to, and nothing is thrown.
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
  #round: Round | undefined;

  /** @throws ProgressOptionError when a number is out of its range */
  constructor(options: TqdmReporterOptions = {}) {
    const stream = options.stream ?? process.stderr;
    this.#output = new GuardedStream(stream);
    const messages = options.messageStream ?? options.stream ?? process.stdout;
    this.#messages = messages === stream ? this.#output : new GuardedStream(messages);
    this.#line = new StatusLine(this.#output);
    this.#clock = options.clock ?? (() => performance.now() / 1000);
    const { ncols, minInterval, logInterval, smoothing } = options;
    this.#ncols = checked('ncols', ncols, 80, isWholeColumns, 'a whole number of columns');
    const redraw = checked('minInterval', minInterval, 0.1, isDuration, 'seconds, 0 or more');
    const log = checked('logInterval', logInterval, 10, isDuration, 'seconds, 0 or more');
    this.#interval = this.#output.isTerminal ? redraw : log;
    this.#smoothing = checked('smoothing', smoothing, 0.3, isWeight, 'a weight in 0..1');
    this.#unit = options.unit ?? 'it';
  }

  /** Starts a round. One that is still under way is ended first. */
  begin(task: TqdmTask): void {
    this.end();
    const now = this.#clock();
    this.#round = {
      label: task.label,
      total: task.total,
      started: now,
      n: 0,
      postfix: '',
      lastTime: now,
      lastN: 0,
      isDue: false,
      averageSteps: new MovingAverage(this.#smoothing),
      averageSeconds: new MovingAverage(this.#smoothing),
    };
    if (this.#output.isTerminal) this.#line.draw(this.#meter(this.#round, now));
  }

  /**
   * Counts finished steps.
   *
   * @returns whether a redraw is due; then call `show`
   */
  advance(steps: number): boolean {
    const round = this.#round;
    if (!round) return false;
    round.n += steps;
    if (this.#output.isBroken) return false;
    const now = this.#clock();
    const seconds = now - round.lastTime;
    if (seconds < this.#interval) return false;
    if (this.#smoothing > 0 && seconds > 0 && round.n !== round.lastN) {
      round.averageSteps.add(round.n - round.lastN);
      round.averageSeconds.add(seconds);
    }
    round.lastN = round.n;
    round.lastTime = now;
    round.isDue = true;
    return true;
  }

  /**
   * Redraws with `postfix` behind the meter. Where there is no terminal, that happens only when
   * `advance` said so; the postfix is kept for the final line all the same.
   *
   * @param postfix names and ready-made texts, in the order to show
   */
  show(postfix: Readonly<Record<string, string>>): void {
    const round = this.#round;
    if (!round) return;
    round.postfix = Object.entries(postfix)
      .map(([name, text]) => `${name}=${text.trim()}`)
      .join(', ');
    if (this.#output.isTerminal) this.#line.draw(this.#meter(round, this.#clock()));
    else if (round.isDue) this.#output.write(`${this.#meter(round, this.#clock())}\n`);
    round.isDue = false;
  }

  /** Draws the final state, with the average rate of the round, and leaves it standing. */
  end(): void {
    const round = this.#round;
    if (!round) return;
    this.#round = undefined;
    const meter = this.#meter({ ...round, averageSeconds: new MovingAverage(0) }, this.#clock());
    if (this.#output.isTerminal) {
      this.#line.draw(meter);
      this.#line.finish();
    } else {
      this.#output.write(`${meter}\n`);
    }
  }

  /** Prints a line of its own, above a meter that is under way. */
  message(text: string): void {
    const isDrawn = this.#round !== undefined && this.#output.isTerminal;
    const meter = isDrawn ? this.#line.clear() : '';
    this.#messages.write(`${text}\n`);
    if (isDrawn) this.#line.draw(meter);
  }

  #meter(round: Round, now: number): string {
    const seconds = round.averageSeconds.value;
    const columns = this.#output.columns;
    const text = formatMeter({
      n: round.n,
      total: round.total,
      elapsed: now - round.started,
      ncols: columns ? Math.min(columns, this.#ncols) : this.#ncols,
      prefix: round.label,
      postfix: round.postfix,
      unit: this.#unit,
      rate: seconds > 0 ? round.averageSteps.value / seconds : undefined,
    });
    // A line break inside a label or a postfix would leave parts of old meters on the screen.
    return text.replace(/[\r\n]+/g, ' ');
  }
}
