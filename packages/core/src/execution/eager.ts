import type * as tf from '@tensorflow/tfjs';
import type { Batch } from '../dataset';
import type { CodeModel } from '../model/code-model';
import { ScalarTensors } from '../model/hyperparameters';
import { disposeSummaries, type RecordedSummary, SummaryRecorder } from '../scope/summary-recorder';
import type { StepContext, StepExecutor, StepResult } from './step-executor';

/** Runs training steps by calling the model function for each batch. */
export class EagerExecutor implements StepExecutor {
  readonly kind = 'eager';
  readonly #model: CodeModel;
  readonly #scalars = new ScalarTensors();

  constructor(model: CodeModel) {
    this.#model = model;
  }

  prepare(): void {}

  step(batches: readonly Batch[], context: StepContext): StepResult {
    const scalars = this.#model.optimizer.takesScalars ? this.#scalars.of(context.scalars) : {};
    return stepByStep(batches, context, (batch, seedPath, summaries) =>
      this.#model.trainStep(
        {
          features: batch.tensors(),
          featureNames: batch.keys,
          seedPath,
          isTraining: true,
          summaries,
        },
        scalars,
      ),
    );
  }

  async sync(): Promise<void> {}

  dispose(): void {
    this.#scalars.dispose();
  }
}

/** Runs one step after the other, each with its seed path and recorder. */
export const stepByStep = (
  batches: readonly Batch[],
  { position, seedPath, record }: StepContext,
  step: (
    batch: Batch,
    seedPath: readonly (number | string)[],
    summaries: SummaryRecorder | undefined,
  ) => tf.Scalar,
): StepResult => {
  const losses: tf.Scalar[] = [];
  const summaries: (readonly RecordedSummary[])[] = [];
  try {
    batches.forEach((batch, index) => {
      const recorder = record ? new SummaryRecorder() : undefined;
      try {
        losses.push(step(batch, [...seedPath, position.globalStep + index], recorder));
        summaries.push(recorder?.take() ?? []);
      } finally {
        recorder?.dispose();
      }
    });
    return { losses, summaries };
  } catch (error) {
    for (const loss of losses) loss.dispose();
    for (const recorded of summaries) disposeSummaries(recorded);
    throw error;
  }
};
