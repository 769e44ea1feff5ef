import type { Batch, InputSource } from '../dataset';
import { NonFiniteLossError } from '../errors';
import type { StepExecutor } from '../execution/step-executor';
import type { ModelOptimizer, TrainingPosition } from '../model/model';
import type { ProgressReporter, ProgressTask, SummaryScalar, SummarySink } from '../ports';
import { SummaryLog } from './deferred-reads';
import { EventLoopYield } from './event-loop-yield';

/** How to handle a loss that is NaN or infinite: reject the round, or print a warning and continue. */
export type NanPolicy = 'throw' | 'warn';

/** One pass over the training data, or part of one. */
export interface TrainRoundOptions {
  readonly executor: StepExecutor;
  readonly optimizer: ModelOptimizer;
  readonly input: InputSource;
  /** Where the round starts. */
  readonly position: TrainingPosition;
  /** Infinity for the complete pass. */
  readonly maxSteps: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress: ProgressReporter;
  readonly task: ProgressTask;
  readonly sink: SummarySink;
  /** Summaries of the model function are recorded every this many steps. The loss always is. */
  readonly summarySteps: number;
  readonly nanPolicy: NanPolicy;
  /** The current time in milliseconds since the epoch. */
  readonly clock: () => number;
  /** Called with the position after each step, at once. */
  readonly onPosition: (position: TrainingPosition) => void;
  /** Called between two steps; the round waits for a returned promise. */
  readonly onStep: () => Promise<void> | undefined;
  /** Called with a step that is in progress: until it settles, state and position may not belong together. */
  readonly onPending: (step: Promise<void>) => void;
}

/** Losses are read back after this many steps, unless something asks for them earlier. */
const MAX_PENDING = 256;
/** Losses are read back after this many milliseconds. */
const MAX_DELAY = 1000;

class TrainRound {
  readonly #options: TrainRoundOptions;
  readonly #log = new SummaryLog();
  #position: TrainingPosition;
  /** When losses were last read back. */
  #published: number;
  /** The position at that time. */
  #publishedStep: number;
  /** Learning rates to log, in the order of their steps. */
  #rates: SummaryScalar[] = [];
  #lastRate: SummaryScalar | undefined;
  #hasWarned = false;

  constructor(options: TrainRoundOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#published = options.clock();
    this.#publishedStep = options.position.globalStep;
  }

  async run(): Promise<number> {
    const { executor, input, maxSteps, progress, signal, onStep, onPending } = this.#options;
    const eventLoop = new EventLoopYield();
    try {
      signal?.throwIfAborted();
      await executor.prepare();
      for await (const batch of input.batches({ epoch: this.#position.round })) {
        const stepping = this.#step(batch);
        if (stepping) {
          onPending(stepping);
          await stepping;
        }
        const waiting = onStep();
        if (waiting) await waiting;
        const isShown = progress.advance(1);
        if (isShown || this.#isDue) await this.#publish();
        const yielding = eventLoop.ifDue();
        if (yielding) await yielding;
        signal?.throwIfAborted();
        if (this.#position.stepInRound === maxSteps) break;
      }
      await this.#publish();
      return this.#position.stepInRound;
    } catch (error) {
      // The finished steps remain, and are logged if possible.
      await this.#record().catch(() => {});
      throw error;
    } finally {
      this.#log.dispose();
    }
  }

  /** Runs a step; returns a promise only if the executor does. */
  #step(batch: Batch): Promise<void> | undefined {
    const { executor, optimizer, summarySteps } = this.#options;
    const position = this.#position;
    const scalars = optimizer.stepScalars;
    const record = position.globalStep % summarySteps === 0;
    const finish = ({ losses, summaries }: Awaited<ReturnType<StepExecutor['step']>>) => {
      losses.forEach((loss, index) => {
        const { globalStep, stepInRound, round } = this.#position;
        this.#position = { globalStep: globalStep + 1, round, stepInRound: stepInRound + 1 };
        this.#log.add(globalStep + 1, this.#options.clock() / 1000, loss, summaries[index] ?? []);
      });
      this.#options.onPosition(this.#position);
      this.#noteRate(scalars.learning_rate);
    };
    let isPending = false;
    try {
      const context = { position, seedPath: ['train'], scalars, record };
      const result = executor.step([batch], context);
      if (!('then' in result)) {
        finish(result);
        return undefined;
      }
      isPending = true;
      return result.then(finish).finally(() => batch.dispose());
    } finally {
      if (!isPending) batch.dispose();
    }
  }

  /** Logs the learning rate at steps where it changes. */
  #noteRate(value: number | undefined): void {
    if (value === undefined) return;
    const isNew = this.#lastRate === undefined || !Object.is(this.#lastRate.value, value);
    const { globalStep: step } = this.#position;
    this.#lastRate = {
      tag: 'learning_rate',
      value,
      step,
      wallTime: this.#options.clock() / 1000,
    };
    if (isNew) this.#rates.push(this.#lastRate);
  }

  get #isDue(): boolean {
    return this.#log.size >= MAX_PENDING || this.#options.clock() - this.#published >= MAX_DELAY;
  }

  async #record(): Promise<readonly SummaryScalar[]> {
    const losses = await this.#log.publish(this.#options.sink);
    this.#recordSpeed();
    return losses;
  }

  /** Logs the speed since the last time, and the learning rate. */
  #recordSpeed(): void {
    const { sink, clock } = this.#options;
    const now = clock();
    const { globalStep: step } = this.#position;
    const steps = step - this.#publishedStep;
    const seconds = (now - this.#published) / 1000;
    this.#published = now;
    this.#publishedStep = step;
    if (steps === 0) return;
    const points: SummaryScalar[] = [];
    if (seconds > 0) {
      points.push({ tag: 'global_step/sec', value: steps / seconds, step, wallTime: now / 1000 });
    }
    const rates = this.#rates.splice(0);
    if (this.#lastRate !== undefined && rates.at(-1)?.step !== step) rates.push(this.#lastRate);
    sink.scalars([...points, ...rates]);
  }

  async #publish(): Promise<void> {
    const { progress, nanPolicy } = this.#options;
    const losses = await this.#record();
    const last = losses.at(-1);
    if (last !== undefined) progress.show({ loss: last.value.toFixed(6) });
    const bad = losses.find(({ value }) => !Number.isFinite(value));
    if (bad === undefined) return;
    const error = new NonFiniteLossError(bad.step, bad.value);
    if (nanPolicy === 'throw') throw error;
    if (!this.#hasWarned) progress.message(`Warning: ${error.message}`);
    this.#hasWarned = true;
  }
}

/**
 * Trains for one pass over the input, or `maxSteps` of it.
 *
 * @returns the number of steps taken
 * @throws NonFiniteLossError by `nanPolicy`; the signal's reason; what the dataset or the model throws
 */
export const trainRound = async (options: TrainRoundOptions): Promise<number> => {
  const { progress, task } = options;
  progress.begin(task);
  try {
    return await new TrainRound(options).run();
  } finally {
    progress.end();
  }
};
