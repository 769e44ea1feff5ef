import type * as tf from '@tensorflow/tfjs';
import { type Batch, DatasetError, type InputSource } from '../dataset';
import { MetricAccumulator } from '../metrics/accumulator';
import type { Model } from '../model/model';
import type { ProgressReporter, ProgressTask, SummarySink } from '../ports';
import { disposeSummaries, type RecordedSummary, SummaryRecorder } from '../scope/summary-recorder';
import type { MetricMap } from '../specs';
import { type TensorSummary, WeightedMean, writeSummary } from './deferred-reads';
import { EventLoopYield } from './event-loop-yield';
import type { FailureReports } from './failure-reports';
import { summaryFailure } from './guarded-ports';

/** One pass over evaluation data. */
export interface EvaluationRoundOptions {
  readonly model: Model;
  /** Yields batches that fit the input signature. */
  readonly input: InputSource;
  /** Passed to the model function. */
  readonly isTraining: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly progress: ProgressReporter;
  readonly task: ProgressTask;
  /** The training steps that the model has taken. */
  readonly globalStep: number;
  /** Receives the summaries of the model function. Default: they are dropped. */
  readonly sink?: SummarySink | undefined;
  /** Receives what can't be logged. */
  readonly failures: FailureReports;
}

/** The results of a pass. */
export interface Evaluation {
  /** The mean over all examples. */
  readonly loss: number;
  /** By their names in the EvaluationSpec. */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** The number of batches. */
  readonly steps: number;
  /** The first batch, counted from 0, whose loss is NaN or infinite. */
  readonly nonFiniteLoss: { readonly batch: number; readonly value: number } | undefined;
}

/** Sums stay on the device for this many batches and are then read back at once. */
const BATCHES_PER_READ = 64;

class EvaluationRound {
  readonly #options: EvaluationRoundOptions;
  readonly #loss = new WeightedMean();
  readonly #metrics = new Map<string, MetricAccumulator<unknown>>();
  /** Scalar summaries by tag. */
  readonly #scalars = new Map<string, WeightedMean>();
  /** Tags of scalar summaries that can't be read. */
  readonly #unreadable = new Set<string>();
  /** Other summaries of the first batch. */
  #others: TensorSummary[] = [];
  #steps = 0;
  #examples = 0;

  constructor(options: EvaluationRoundOptions) {
    this.#options = options;
  }

  async run(): Promise<Evaluation> {
    const { input, signal, progress } = this.#options;
    const eventLoop = new EventLoopYield();
    try {
      signal?.throwIfAborted();
      for await (const batch of input.batches({ epoch: 0 })) {
        if (batch.size === 0) batch.dispose();
        else this.#evaluate(batch);
        this.#steps += 1;
        if (this.#steps % BATCHES_PER_READ === 0) await this.#flush();
        if (progress.advance(1)) progress.show({});
        await eventLoop.ifDue();
        signal?.throwIfAborted();
      }
      this.#assertExamples();
      await this.#record();
      return {
        loss: await this.#loss.result(),
        metrics: await this.#results(),
        steps: this.#steps,
        nonFiniteLoss: this.#loss.nonFinite,
      };
    } finally {
      this.#dispose();
    }
  }

  #assertExamples(): void {
    if (this.#examples > 0) return;
    throw new DatasetError({
      subject: this.#options.input.name,
      expected: 'at least one example',
      actual: `only batches without any (${this.#steps})`,
      fix: 'Check what the function reads and filters.',
    });
  }

  #evaluate(batch: Batch): void {
    const { model, isTraining, globalStep, sink } = this.#options;
    const summaries = sink === undefined ? undefined : new SummaryRecorder();
    try {
      model.evaluate(
        {
          features: batch.tensors(),
          featureNames: batch.keys,
          seedPath: ['evaluate', globalStep, this.#steps],
          isTraining,
          summaries,
        },
        (loss, metrics) => this.#add(loss, metrics, batch.size),
      );
      this.#addSummaries(summaries?.take() ?? [], batch.size);
    } finally {
      summaries?.dispose();
      batch.dispose();
    }
    this.#examples += batch.size;
  }

  #add(loss: tf.Scalar, metrics: MetricMap, examples: number): void {
    this.#loss.add(loss, examples, this.#steps);
    for (const [name, metric] of Object.entries(metrics)) {
      const accumulator = this.#metrics.get(name) ?? new MetricAccumulator<unknown>();
      this.#metrics.set(name, accumulator);
      accumulator.add(metric);
    }
  }

  #addSummaries(recorded: readonly RecordedSummary[], examples: number): void {
    for (const summary of recorded) {
      if (summary.kind === 'scalar' && !this.#unreadable.has(summary.tag)) {
        const mean = this.#scalars.get(summary.tag) ?? new WeightedMean();
        this.#scalars.set(summary.tag, mean);
        mean.add(summary.value, examples, this.#steps);
        summary.value.dispose();
      } else if (summary.kind !== 'scalar' && this.#examples === 0) {
        this.#others.push(summary);
      } else {
        disposeSummaries([summary]);
      }
    }
  }

  /** What the result consists of. */
  get #sums(): readonly (WeightedMean | MetricAccumulator<unknown>)[] {
    return [this.#loss, ...this.#metrics.values()];
  }

  async #flush(): Promise<void> {
    for (const sums of this.#sums) await sums.flush();
    for (const [tag, mean] of this.#scalars) await this.#guard(tag, () => mean.flush());
  }

  /** Reports a summary that can't be read, and continues without it. */
  async #guard(tag: string, task: () => Promise<void>): Promise<void> {
    const { failures, globalStep } = this.#options;
    try {
      await task();
    } catch (error) {
      failures.report(...summaryFailure(tag, 'validation', globalStep), error);
      this.#unreadable.add(tag);
      this.#scalars.delete(tag);
    }
  }

  async #results(): Promise<Record<string, unknown>> {
    const results: Record<string, unknown> = {};
    for (const [name, metric] of this.#metrics) results[name] = await metric.result();
    return results;
  }

  async #record(): Promise<void> {
    const { sink, globalStep: step, failures } = this.#options;
    if (sink === undefined) return;
    for (const [tag, mean] of this.#scalars) {
      await this.#guard(tag, async () => sink.scalars([{ tag, value: await mean.result(), step }]));
    }
    for (const summary of this.#others) {
      await writeSummary(sink, summary, step, 'validation', failures);
    }
  }

  #dispose(): void {
    for (const sums of [...this.#sums, ...this.#scalars.values()]) sums.dispose();
    disposeSummaries(this.#others);
  }
}

/**
 * Evaluates the model over one pass of the input.
 *
 * @throws the signal's reason; what the dataset or the model throws
 */
export const evaluationRound = async (options: EvaluationRoundOptions): Promise<Evaluation> => {
  const { progress, task } = options;
  progress.begin(task);
  try {
    return await new EvaluationRound(options).run();
  } finally {
    progress.end();
  }
};
