import type { Batch } from '../dataset';
import { ScalarTensors } from '../model/hyperparameters';
import type { ProgramSource } from '../trace/trace-cache';
import { stepByStep } from './eager';
import type { StepContext, StepExecutor, StepResult } from './step-executor';

/** Runs training steps by the model's graph, on whichever tfjs backend is active. */
export class ReplayExecutor implements StepExecutor {
  readonly kind = 'replay';
  readonly #source: ProgramSource;
  readonly #countStep: () => void;
  readonly #scalars = new ScalarTensors();

  /** @param countStep counts a step of the optimizer, which in a graph does not count by itself */
  constructor(source: ProgramSource, countStep: () => void) {
    this.#source = source;
    this.#countStep = countStep;
  }

  prepare(): void {
    this.#source.current();
  }

  step(batches: readonly Batch[], context: StepContext): StepResult {
    const latest = this.#source.latest();
    // Where hyperparameters are constants of the graph, a changed one needs another graph.
    const { takesScalars } = latest.traced.description.optimizer;
    const program = takesScalars ? latest : this.#source.current();
    const scalars = this.#scalars.of(context.scalars);
    return stepByStep(batches, context, (batch, seedPath, summaries) => {
      const inputs = {
        features: batch.tensors(),
        featureNames: batch.keys,
        seedPath,
        isTraining: true,
        summaries,
      };
      const loss = program.train(inputs, scalars);
      this.#countStep();
      return loss;
    });
  }

  async sync(): Promise<void> {}

  dispose(): void {
    this.#scalars.dispose();
  }
}
