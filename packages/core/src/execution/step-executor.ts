import type * as tf from '@tensorflow/tfjs';
import type { Batch } from '../dataset';
import type { StepScalars } from '../model/hyperparameters';
import type { Model, SeedPath, TrainingPosition } from '../model/model';
import type { ModelState } from '../model/model-state';
import type { RecordedSummary } from '../scope/summary-recorder';

/** What a call of an executor works with, in addition to its batches. */
export interface StepContext {
  /** The position before the call's first step. */
  readonly position: TrainingPosition;
  /** Determines random draws: step `i` of the call uses `[...seedPath, position.globalStep + i]`. */
  readonly seedPath: SeedPath;
  /** The hyperparameters of the call's steps; see `ModelOptimizer.stepScalars`. */
  readonly scalars: StepScalars;
  /** Whether to record summaries of the model function. */
  readonly record: boolean;
}

/** The results of a call, one element for each batch. The caller disposes them. */
export interface StepResult {
  /** The losses before the update. They need not be read back yet. */
  readonly losses: readonly tf.Tensor[];
  readonly summaries: readonly (readonly RecordedSummary[])[];
}

/**
 * One way to run training steps. Rounds of training know nothing else of it.
 */
export interface StepExecutor {
  /** Its name: `eager`, `replay`, or that of a custom one. */
  readonly kind: string;
  /**
   * Called before each round, to take up what has changed since the last one: restored variables, frozen
   * layers, parameters.
   */
  prepare(): void | Promise<void>;
  /**
   * Runs one training step per batch, in order, and returns one loss for each. When it throws, no step of the call may have changed
   * the model. The batches stay the caller's.
   */
  step(batches: readonly Batch[], context: StepContext): StepResult | Promise<StepResult>;
  /**
   * Makes the model's state current. Called before a save, an evaluation, a prediction or a restore, never
   * during a step, and possibly before the first `prepare`.
   */
  sync(): Promise<void>;
  /** Frees what the executor holds; possibly before the first `prepare`. */
  dispose(): void;
}

/** What an executor is made from. */
export interface ExecutorHost {
  readonly model: Model;
  readonly state: ModelState;
  /** The names of the features in the input signature. */
  readonly featureNames: readonly string[];
  /** Creates the built-in executor that calls the model function; throws for a model without code. */
  eager(): StepExecutor;
  /** Creates the built-in executor that runs the traced graph. */
  replay(): StepExecutor;
}

/** Creates an executor for a built model. */
export type StepExecutorFactory = (host: ExecutorHost) => StepExecutor;

/** The built-in executions. `graph` is an alias of `replay`. */
export const executionNames = ['eager', 'replay', 'graph'] as const;

/**
 * How training steps run: by calling the model function (`eager`), by its traced graph (`replay`), or
 * by a custom executor.
 */
export type Execution = (typeof executionNames)[number] | StepExecutorFactory;
