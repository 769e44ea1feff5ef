import type * as tf from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';
import type { CheckpointTensor } from '../ports/checkpoint-store';
import type { MetricMap } from '../specs';
import type { GraphProgram } from './graph-program';
import type { SummaryRecorder } from './summary-recorder';
import type { ModelVariable } from './variable-store';

/** Features by name. */
export type FeatureTensors = Readonly<Record<string, tf.Tensor>>;

/** What one run of a model works on. */
export interface ModelBatch {
  readonly features: FeatureTensors;
  /** The names that the input functions give, of which `features` may be a part. */
  readonly signature: readonly string[];
  /** Where this batch's random draws start; see `ModelCall`. */
  readonly seed: readonly (number | string)[];
  readonly isTraining: boolean;
  readonly summaries?: SummaryRecorder | undefined;
}

/** Which of the optional specs a model has. */
export interface ModelSpecs {
  readonly evaluates: boolean;
  readonly predicts: boolean;
}

/** A model with its variables and its optimizer's state, whatever it is made of: code, or a graph. */
export interface RunnableModel {
  /** The model's variables, in the order of their making. */
  readonly variables: readonly ModelVariable[];
  /** The optimizer; undefined before `build`, and for a model that has none as an object. */
  readonly optimizer: tf.Optimizer | undefined;
  /** The optimizer's learning rate now, where it tells. */
  readonly learningRate: number | undefined;
  /**
   * Makes what is not there yet, and checks that the model runs on such a batch. Nothing else
   * changes: what a training step would update is put back.
   *
   * @returns which of the optional specs the model has
   */
  build(batch: ModelBatch): ModelSpecs;
  /**
   * One training step: forward, gradients, update.
   *
   * @returns the loss, which the caller disposes; it is not read back
   */
  trainStep(batch: ModelBatch): tf.Scalar;
  /**
   * Runs the model as in evaluation. The tensors live while `use` runs.
   *
   * @throws NotReadyError when the model has no EvaluationSpec
   */
  evaluate<T>(batch: ModelBatch, use: (loss: tf.Scalar, metrics: MetricMap) => T): T;
  /**
   * Runs the model as in prediction.
   *
   * @returns the outputs, which the caller disposes
   * @throws NotReadyError when the model has no PredictSpec
   */
  predict(batch: ModelBatch): Record<string, tf.Tensor>;
  /** Every variable and the optimizer's state, read back for a checkpoint. */
  read(): Promise<CheckpointTensor[]>;
  /**
   * Takes variables and optimizer state from a checkpoint: all of them, or none.
   *
   * @throws VariableMismatchError that names the first variable that is missing or differs
   */
  restore(tensors: readonly CheckpointTensor[]): Promise<void>;
  /**
   * The model as a graph, on its variables as they are.
   *
   * @param signature the features with their shapes
   */
  program(signature: InputSignature): GraphProgram;
  /** Frees the variables and the optimizer. */
  dispose(): void;
}
