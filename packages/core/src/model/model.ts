import type * as tf from '@tensorflow/tfjs';
import type { SummaryRecorder } from '../scope/summary-recorder';
import type { MetricMap } from '../specs';
import type { Hyperparameters, StepScalars } from './hyperparameters';
import type { ModelState } from './model-state';

/** Features by name. */
export type FeatureTensors = Readonly<Record<string, tf.Tensor>>;

/** Determines random draws, together with the estimator's seed: `['train', globalStep]`. */
export type SeedPath = readonly (number | string)[];

/** How far training has come. Stored with every checkpoint. */
export interface TrainingPosition {
  /** Training steps taken since the model was created. */
  readonly globalStep: number;
  /** Finished rounds of training. It determines the order of shuffled data. */
  readonly round: number;
  /** Steps taken in the current round. */
  readonly stepInRound: number;
}

/** The inputs of one call of a model. */
export interface StepInputs {
  /** All features of the input signature, or some of them. */
  readonly features: FeatureTensors;
  /** The names of all features in the input signature. */
  readonly featureNames: readonly string[];
  readonly seedPath: SeedPath;
  readonly isTraining: boolean;
  /** Receives what `summary.*` records; without it nothing is recorded. */
  readonly summaries?: SummaryRecorder | undefined;
}

/** Which of the optional specs a model has. */
export interface ModelSpecs {
  readonly evaluates: boolean;
  readonly predicts: boolean;
}

/** The optimizer of a model, as far as its numbers can be read and set. */
export interface ModelOptimizer {
  /** tfjs's optimizer; undefined for a model without code. */
  readonly instance: tf.Optimizer | undefined;
  readonly hyperparameters: Hyperparameters;
  /** The scalar inputs of the next training step. */
  readonly stepScalars: StepScalars;
  /**
   * Takes up settings that have changed since the last step.
   *
   * @returns the scalar inputs of the next training step
   * @throws OptionError when a setting is not valid any more
   */
  prepareStep(): StepScalars;
  /**
   * Changes some hyperparameters: all those given, or none. The next step uses them.
   *
   * @throws OptionError for one that the optimizer does not have, or that is not a finite number
   */
  setHyperparameters(changes: Hyperparameters): void;
}

/** A model with its variables and optimizer, whether it is made of code or of a graph. */
export interface Model {
  readonly state: ModelState;
  /** @throws NotReadyError before the first `build` */
  readonly optimizer: ModelOptimizer;
  /**
   * Creates what does not exist yet, and checks that the model runs on such inputs. Changes nothing
   * else: updates of a training step are rolled back.
   *
   * @returns which of the optional specs the model has
   */
  build(inputs: StepInputs): ModelSpecs;
  /**
   * Runs the model as in evaluation. The tensors live until `use` returns.
   *
   * @throws NotReadyError when the model has no EvaluationSpec
   */
  evaluate<T>(inputs: StepInputs, use: (loss: tf.Scalar, metrics: MetricMap) => T): T;
  /**
   * Runs the model as in prediction.
   *
   * @returns the outputs, which the caller disposes
   * @throws NotReadyError when the model has no PredictSpec
   */
  predict(inputs: StepInputs): Record<string, tf.Tensor>;
  /** Frees the variables and the optimizer. */
  dispose(): void;
}

/** The message for a method that needs a spec which the model function does not return. */
export const missingSpec = (spec: string, method: string): string =>
  `${spec}: expected the model function to return one, got null. Return one to use ${method}.`;
