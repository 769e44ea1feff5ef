import type * as tf from '@tensorflow/tfjs';
import { type Batch, checkBatch, type InputSignature } from '../dataset';
import { MetricAccumulator } from '../metrics';
import type { RunnableModel } from '../model/runnable-model';
import { disposeSummaries, type RecordedSummary, SummaryRecorder } from '../model/summary-recorder';
import type { ProgressReporter, ProgressTask } from '../ports/progress-reporter';
import type { SummarySink } from '../ports/summary-sink';
import type { MetricMap } from '../specs';
import type { InputSource } from './input-source';
import { Pace } from './pace';
import { writeSummary } from './summary-log';
import { WeightedMean } from './weighted-mean';

/** One pass over data that the model is measured on. */
export interface EvaluationRoundOptions {
  readonly model: RunnableModel;
  readonly input: InputSource;
  readonly signature: InputSignature;
  readonly isTraining: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly progress: ProgressReporter;
  readonly task: ProgressTask;
  /** The steps that the model was trained for. */
  readonly globalStep: number;
  /** Where what the model function records goes; nowhere by default. */
  readonly sink?: SummarySink | undefined;
}

/** What a pass measured. */
export interface Evaluation {
  /** The mean over all examples. */
  readonly loss: number;
  /** By name, as the EvaluationSpec has them. */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** How many batches there were. */
  readonly steps: number;
}

/** Sums stay on the device for so many batches, and then are read back at once. */
const BATCHES_PER_READ = 64;

/** How many examples a batch holds: the first dimension of its first feature that has one. */
const examplesIn = (batch: Batch): number =>
  Object.values(batch.tensors).find(({ rank }) => rank > 0)?.shape[0] ?? 1;

/** One pass under way. */
class EvaluationRound {
  readonly #options: EvaluationRoundOptions;
  readonly #loss = new WeightedMean();
  readonly #metrics = new Map<string, MetricAccumulator<unknown>>();
  /** Scalars that the model function recorded, by tag. */
  readonly #scalars = new Map<string, WeightedMean>();
  /** What else it recorded in the first batch. */
  #others: Exclude<RecordedSummary, { kind: 'scalar' }>[] = [];
  #steps = 0;

  constructor(options: EvaluationRoundOptions) {
    this.#options = options;
  }

  async run(): Promise<Evaluation> {
    const { input, signal, progress } = this.#options;
    const pace = new Pace();
    try {
      signal?.throwIfAborted();
      for await (const batch of input.batches(0)) {
        this.#step(batch);
        if (this.#steps % BATCHES_PER_READ === 0) await this.#flush();
        if (progress.advance(1)) progress.show({});
        await pace.keep();
        signal?.throwIfAborted();
      }
      await this.#record();
      return {
        loss: await this.#loss.result(),
        metrics: await this.#results(),
        steps: this.#steps,
      };
    } finally {
      this.#dispose();
    }
  }

  #step(batch: Batch): void {
    const { model, input, signature, isTraining, globalStep, sink } = this.#options;
    const summaries = sink === undefined ? undefined : new SummaryRecorder();
    const examples = examplesIn(batch);
    try {
      checkBatch(batch, signature, input.name);
      model.evaluate(
        {
          features: batch.tensors,
          signature: Object.keys(signature),
          seed: ['evaluate', globalStep, this.#steps],
          isTraining,
          summaries,
        },
        (loss, metrics) => this.#add(loss, metrics, examples),
      );
      this.#keep(summaries?.take() ?? [], examples);
    } finally {
      summaries?.dispose();
      batch.dispose();
    }
    this.#steps += 1;
  }

  #add(loss: tf.Scalar, metrics: MetricMap, examples: number): void {
    this.#loss.add(loss, examples);
    for (const [name, metric] of Object.entries(metrics)) {
      const accumulator = this.#metrics.get(name) ?? new MetricAccumulator<unknown>();
      this.#metrics.set(name, accumulator);
      accumulator.add(metric);
    }
  }

  #keep(recorded: readonly RecordedSummary[], examples: number): void {
    for (const summary of recorded) {
      if (summary.kind === 'scalar') {
        const mean = this.#scalars.get(summary.tag) ?? new WeightedMean();
        this.#scalars.set(summary.tag, mean);
        mean.add(summary.value, examples);
        summary.value.dispose();
      } else if (this.#steps === 0) {
        this.#others.push(summary);
      } else {
        disposeSummaries([summary]);
      }
    }
  }

  get #means(): readonly WeightedMean[] {
    return [this.#loss, ...this.#scalars.values()];
  }

  async #flush(): Promise<void> {
    for (const sums of [...this.#means, ...this.#metrics.values()]) await sums.flush();
  }

  async #results(): Promise<Record<string, unknown>> {
    const results: Record<string, unknown> = {};
    for (const [name, metric] of this.#metrics) results[name] = await metric.result();
    return results;
  }

  async #record(): Promise<void> {
    const { sink, globalStep: step } = this.#options;
    if (sink === undefined) return;
    for (const [tag, mean] of this.#scalars) {
      sink.scalars([{ tag, value: await mean.result(), step }]);
    }
    for (const summary of this.#others) await writeSummary(sink, summary, step);
  }

  #dispose(): void {
    for (const sums of [...this.#means, ...this.#metrics.values()]) sums.dispose();
    disposeSummaries(this.#others);
  }
}

/**
 * Measures the model over one pass of the input.
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
