import { type Batch, checkBatch, type InputSignature } from '../dataset';
import { NonFiniteLossError } from '../errors';
import type { RunnableModel } from '../model/runnable-model';
import { SummaryRecorder } from '../model/summary-recorder';
import type { ProgressReporter, ProgressTask } from '../ports/progress-reporter';
import type { SummaryScalar, SummarySink } from '../ports/summary-sink';
import type { InputSource } from './input-source';
import { Pace } from './pace';
import { SummaryLog } from './summary-log';

/** What to do about a loss that is NaN or infinite. */
export type NanPolicy = 'throw' | 'warn';

/** One pass over the training data, or a part of it. */
export interface TrainRoundOptions {
  readonly model: RunnableModel;
  readonly input: InputSource;
  readonly signature: InputSignature;
  /** The pass's number, from 0: it decides the order of shuffled data. */
  readonly iteration: number;
  /** Infinity for the whole pass. */
  readonly maxSteps: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress: ProgressReporter;
  readonly task: ProgressTask;
  readonly sink: SummarySink;
  /** Every how many steps `summary.*` of the model function is recorded. The loss always is. */
  readonly summarySteps: number;
  readonly nanPolicy: NanPolicy;
  /** Steps done before this round. */
  readonly globalStep: number;
  /**
   * Called after each step with the number of steps done since the model was new; a promise is
   * waited for.
   */
  readonly onStep: (globalStep: number) => Promise<void> | undefined;
}

/** Losses are read back after this many steps, or this many milliseconds, when nothing asks for them earlier. */
const MOST_PENDING = 256;
const LONGEST_WAIT = 1000;

/** One round of training under way. */
class TrainRound {
  readonly #options: TrainRoundOptions;
  readonly #log = new SummaryLog();
  #steps = 0;
  #published = Date.now();
  /** Steps done when losses were last read back. */
  #publishedSteps = 0;
  #warned = false;

  constructor(options: TrainRoundOptions) {
    this.#options = options;
  }

  get #globalStep(): number {
    return this.#options.globalStep + this.#steps;
  }

  async run(): Promise<number> {
    const { input, iteration, maxSteps, progress, signal, onStep } = this.#options;
    const pace = new Pace();
    try {
      signal?.throwIfAborted();
      for await (const batch of input.batches(iteration)) {
        this.#step(batch);
        const waiting = onStep(this.#globalStep);
        if (waiting) await waiting;
        const shown = progress.advance(1);
        if (shown || this.#isDue) await this.#publish();
        await pace.keep();
        signal?.throwIfAborted();
        if (this.#steps === maxSteps) break;
      }
      await this.#publish();
      return this.#steps;
    } catch (error) {
      // The steps that were done stay done, and are on record if that is possible.
      await this.#record().catch(() => {});
      throw error;
    } finally {
      this.#log.dispose();
    }
  }

  #step(batch: Batch): void {
    const { model, input, signature, summarySteps } = this.#options;
    const step = this.#globalStep;
    const summaries = step % summarySteps === 0 ? new SummaryRecorder() : undefined;
    try {
      checkBatch(batch, signature, input.name);
      const loss = model.trainStep({
        features: batch.tensors,
        signature: batch.keys,
        seed: ['train', step],
        isTraining: true,
        summaries,
      });
      this.#log.add(step + 1, Date.now() / 1000, loss, summaries?.take() ?? []);
    } finally {
      summaries?.dispose();
      batch.dispose();
    }
    this.#steps += 1;
  }

  get #isDue(): boolean {
    return this.#log.size >= MOST_PENDING || Date.now() - this.#published >= LONGEST_WAIT;
  }

  async #record(): Promise<readonly SummaryScalar[]> {
    const losses = await this.#log.publish(this.#options.sink);
    this.#recordPace();
    return losses;
  }

  /** Logs how fast it went since the last time, and the learning rate. */
  #recordPace(): void {
    const { sink, model } = this.#options;
    const now = Date.now();
    const steps = this.#steps - this.#publishedSteps;
    const seconds = (now - this.#published) / 1000;
    this.#published = now;
    this.#publishedSteps = this.#steps;
    if (steps === 0) return;
    const at = { step: this.#globalStep, wallTime: now / 1000 };
    const { learningRate } = model;
    const points: SummaryScalar[] = [];
    if (seconds > 0) points.push({ tag: 'global_step/sec', value: steps / seconds, ...at });
    if (learningRate !== undefined)
      points.push({ tag: 'learning_rate', value: learningRate, ...at });
    sink.scalars(points);
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
    if (!this.#warned) progress.message(`Warning: ${error.message}`);
    this.#warned = true;
  }
}

/**
 * Trains over one pass of the input.
 *
 * @returns how many steps it took
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
