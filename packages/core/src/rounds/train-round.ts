import { type Batch, DatasetError, type InputSource } from '../dataset';
import type { StepExecutor, StepResult } from '../execution/step-executor';
import type { ModelOptimizer, TrainingPosition } from '../model/model';
import type { ProgressReporter, ProgressTask, SummaryScalar, SummarySink } from '../ports';
import { SummaryLog } from './deferred-reads';
import { EventLoopYield } from './event-loop-yield';
import type { FailureReports } from './failure-reports';
import { type LossMonitor, STEPS_PER_LOSS_READ } from './loss-monitor';

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
  /** Receives the losses. The round disposes it. */
  readonly losses: LossMonitor;
  /** Receives what can't be logged. */
  readonly failures: FailureReports;
  /** The current time in milliseconds since the epoch. */
  readonly clock: () => number;
  /** Called with the position after each step, at once. */
  readonly onPosition: (position: TrainingPosition) => void;
  /** Called between two steps; the round waits for a returned promise. */
  readonly onStep: () => Promise<void> | undefined;
  /** Called with a step that is in progress: until it settles, state and position may not belong together. */
  readonly onPending: (step: Promise<void>) => void;
}

/** Losses and summaries are logged once this many scalars are pending, unless something asks for them earlier. */
const MAX_PENDING = 256;
/** They are logged after this many milliseconds. */
const MAX_DELAY = 1000;

class TrainRound {
  readonly #options: TrainRoundOptions;
  readonly #log: SummaryLog;
  #position: TrainingPosition;
  /** When losses were last logged. */
  #published: number;
  /** The position at that time. */
  #publishedStep: number;
  /** Learning rates to log, in the order of their steps. */
  #rates: SummaryScalar[] = [];
  #lastRate: SummaryScalar | undefined;
  #hasWarned = false;
  /** Batches without rows, which were skipped. */
  #emptyBatches = 0;

  constructor(options: TrainRoundOptions) {
    this.#options = options;
    this.#log = new SummaryLog(options.failures);
    this.#position = options.position;
    this.#published = options.clock();
    this.#publishedStep = options.position.globalStep;
  }

  async run(): Promise<number> {
    const { executor, input, maxSteps, progress, signal, losses } = this.#options;
    const { onStep, onPending } = this.#options;
    const eventLoop = new EventLoopYield();
    try {
      signal?.throwIfAborted();
      await executor.prepare();
      for await (const batch of input.batches({ epoch: this.#position.round })) {
        if (batch.size === 0) {
          this.#skip(batch);
          await eventLoop.ifDue();
          signal?.throwIfAborted();
          continue;
        }
        const stepping = this.#step(batch);
        if (stepping) {
          onPending(stepping);
          await stepping;
        }
        const waiting = onStep();
        if (waiting) await waiting;
        const isShown = progress.advance(1);
        if (isShown || this.#isDue) await this.#publish();
        else if (losses.pending >= STEPS_PER_LOSS_READ) await losses.read();
        // They may also have been read for a save that an input function asked for.
        this.#checkLosses();
        const yielding = eventLoop.ifDue();
        if (yielding) await yielding;
        signal?.throwIfAborted();
        if (this.#position.stepInRound === maxSteps) break;
      }
      await this.#publish();
      this.#assertSteps();
      return this.#position.stepInRound;
    } catch (error) {
      // The finished steps remain, and are logged if possible.
      await this.#record().catch(() => {});
      if (error !== losses.error) this.#reportLoss(error);
      throw error;
    } finally {
      this.#log.dispose();
      losses.dispose();
    }
  }

  /** A loss of no examples is NaN, and so would be the model after a step. */
  #skip(batch: Batch): void {
    batch.dispose();
    this.#emptyBatches += 1;
    if (this.#emptyBatches > 1) return;
    const { input, progress } = this.#options;
    const { stepInRound } = this.#position;
    progress.message(
      `Warning: ${input.name} yielded a batch without examples after step ${stepInRound} of the round. Such batches are skipped.`,
    );
  }

  #assertSteps(): void {
    if (this.#position.stepInRound > 0) return;
    throw new DatasetError({
      subject: this.#options.input.name,
      expected: 'at least one example',
      actual: `only batches without any (${this.#emptyBatches})`,
      fix: 'Check what the function reads and filters.',
    });
  }

  /** Runs a step; returns a promise only if the executor does. */
  #step(batch: Batch): Promise<void> | undefined {
    const { executor, optimizer, summarySteps } = this.#options;
    const position = this.#position;
    const record = position.globalStep % summarySteps === 0;
    const finish = ({ losses, summaries }: StepResult, rate: number | undefined) => {
      losses.forEach((loss, index) => {
        const { globalStep, stepInRound, round } = this.#position;
        this.#position = { globalStep: globalStep + 1, round, stepInRound: stepInRound + 1 };
        const wallTime = this.#options.clock() / 1000;
        this.#options.losses.add(globalStep + 1, wallTime, loss);
        this.#log.add(globalStep + 1, wallTime, summaries[index] ?? []);
      });
      this.#options.onPosition(this.#position);
      this.#noteRate(rate);
    };
    let isPending = false;
    try {
      const scalars = optimizer.prepareStep();
      const context = { position, seedPath: ['train'], scalars, record };
      const result = executor.step([batch], context);
      if (!('then' in result)) {
        finish(result, scalars.learning_rate);
        return undefined;
      }
      isPending = true;
      return result
        .then((settled) => finish(settled, scalars.learning_rate))
        .finally(() => batch.dispose());
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
    const { losses, clock } = this.#options;
    return losses.size + this.#log.size >= MAX_PENDING || clock() - this.#published >= MAX_DELAY;
  }

  /** Reads and logs everything that is pending, the losses first. */
  async #record(): Promise<void> {
    const { losses, sink } = this.#options;
    await losses.read();
    await this.#log.publish(sink, losses.take());
    this.#recordSpeed();
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
    const { progress, losses } = this.#options;
    await losses.read();
    this.#checkLosses();
    await this.#record();
    const { last } = losses;
    if (last !== undefined) progress.show({ loss: last.value.toFixed(6) });
  }

  /** @throws NonFiniteLossError by `nanPolicy` */
  #checkLosses(): void {
    const { losses, progress } = this.#options;
    if (losses.error === undefined) return;
    losses.assertFinite();
    if (!this.#hasWarned) progress.message(`Warning: ${losses.error.message}`);
    this.#hasWarned = true;
  }

  /**
   * Reports a loss that was noticed only after the round had failed.
   *
   * @throws NonFiniteLossError if it is what the round failed of, in an input function that saved
   */
  #reportLoss(error: unknown): void {
    const { losses, progress } = this.#options;
    if (losses.error === undefined || this.#hasWarned) return;
    if (isCausedBy(error, losses.error)) throw losses.error;
    progress.message(`Warning: ${losses.error.message}`);
  }
}

const isCausedBy = (error: unknown, cause: Error): boolean => {
  for (let link = error; link instanceof Error; link = link.cause) if (link === cause) return true;
  return false;
};

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
