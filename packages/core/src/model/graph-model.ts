import * as tf from '@tensorflow/tfjs';
import { DatasetError } from '../dataset';
import { formatSpec, shapeFits } from '../dataset/input-signature';
import { MissingFeatureError, NotReadyError, StateError } from '../errors';
import type { Metric } from '../metrics';
import { metricResult } from '../metrics/registry';
import type { CheckpointTensor } from '../ports';
import type { MetricMap } from '../specs';
import {
  type Assignment,
  assertFits,
  assignAll,
  int64Scalar,
  integerOf,
  toCheckpointTensor,
} from './checkpoint-tensors';
import {
  assertHyperparameters,
  type Hyperparameters,
  hyperparameterTensors,
  isHyperparameterTensor,
  type StepScalars,
  savedHyperparameters,
  stepScalars,
} from './hyperparameters';
import {
  type FeatureTensors,
  type Model,
  type ModelOptimizer,
  type ModelSpecs,
  missingSpec,
  type StepInputs,
} from './model';
import {
  lossOf,
  ModelProgram,
  metricTotals,
  signatureNameOf,
  type TracedModel,
} from './model-program';
import {
  assignByName,
  type ModelState,
  namedVariable,
  type RestoreStateOptions,
  requiredAssignment,
  type VariableInfo,
} from './model-state';
import { ITERATIONS } from './optimizer-state';

/**
 * A model without its code: the graph of a checkpoint, and the variables that it runs on. The optimizer
 * is part of the graph's training step.
 */
export class GraphModel implements Model {
  readonly program: ModelProgram;
  readonly state: GraphModelState;
  readonly #traced: TracedModel;

  /** @param seed determines all random numbers */
  constructor(traced: TracedModel, seed: number) {
    this.#traced = traced;
    this.state = new GraphModelState(traced);
    this.program = new ModelProgram(traced, { seed, variables: () => this.state.all });
  }

  get optimizer(): GraphModelState {
    return this.state;
  }

  /** @throws MissingFeatureError or DatasetError when the graph can't be trained on such features */
  build({ features }: StepInputs): ModelSpecs {
    assertFeatures(this.program, features);
    const { evaluates, predicts } = this.#traced.description;
    return { evaluates, predicts };
  }

  evaluate<T>(inputs: StepInputs, use: (loss: tf.Scalar, metrics: MetricMap) => T): T {
    const { description } = this.#traced;
    if (!description.evaluates)
      throw new NotReadyError(missingSpec('EvaluationSpec', 'this method'));
    // First, since a custom metric has no result without the user's code.
    const results = Object.entries(description.metrics).map(
      ([name, { kind, config }]) =>
        [name, { kind, config, result: metricResult(kind, config) }] as const,
    );
    const signature = signatureNameOf('evaluate', inputs.isTraining);
    const { outputs, updates } = this.program.run(signature, inputs);
    tf.dispose(updates);
    try {
      const metrics = results.map(([name, metric]): [string, Metric<unknown>] => [
        name,
        { ...metric, update: () => metricTotals(outputs, name) },
      ]);
      return use(lossOf(outputs), Object.fromEntries(metrics));
    } finally {
      tf.dispose(outputs);
    }
  }

  predict(inputs: StepInputs): Record<string, tf.Tensor> {
    if (!this.#traced.description.predicts)
      throw new NotReadyError(missingSpec('PredictSpec', 'predict()'));
    const signature = signatureNameOf('predict', inputs.isTraining);
    const { outputs, updates } = this.program.run(signature, inputs);
    tf.dispose(updates);
    return { ...outputs };
  }

  dispose(): void {
    this.state.dispose();
    this.#traced.graph.dispose();
  }
}

interface StoredVariable {
  readonly name: string;
  readonly variable: tf.Variable;
  /** The initial value of every element of an optimizer's variable; undefined for the model's. */
  readonly initial: number | undefined;
}

/** The variables of a graph, and the hyperparameters that its training step takes. */
export class GraphModelState implements ModelState, ModelOptimizer {
  readonly instance = undefined;
  /** Model and optimizer variables by name. */
  readonly all: ReadonlyMap<string, tf.Variable>;
  readonly #stored: readonly StoredVariable[];
  readonly #takesScalars: boolean;
  #hyperparameters: Hyperparameters;
  /**
   * Tensors of the restored checkpoint that are not in the graph, such as an unused variable or the
   * slots of a frozen one. The next checkpoint contains them unchanged.
   */
  #others: readonly CheckpointTensor[] = [];
  /** Training steps that the optimizer has taken. */
  #iterations = 0;
  /** Whether that is known: a checkpoint of TensorFlow 1 does not have it. */
  #countsSteps = true;

  constructor({ graph, description }: TracedModel) {
    const { state, hyperparameters, takesScalars } = description.optimizer;
    this.#stored = graph.variables.map(({ name, dtype, shape, trainable }) => {
      const initial = Object.hasOwn(state, name) ? state[name] : undefined;
      const zeros = () => tf.variable(tf.zeros(fixedShape(name, shape), dtype), trainable);
      return { name, variable: tf.tidy(zeros), initial };
    });
    this.all = new Map(this.#stored.map(({ name, variable }) => [name, variable]));
    this.#hyperparameters = hyperparameters;
    this.#takesScalars = takesScalars;
  }

  get variables(): readonly VariableInfo[] {
    return this.#stored.map(({ name, variable, initial }) => ({
      name,
      dtype: variable.dtype,
      shape: variable.shape,
      trainable: variable.trainable,
      role: initial === undefined ? 'model' : 'optimizer',
    }));
  }

  get hyperparameters(): Hyperparameters {
    return this.#hyperparameters;
  }

  get stepScalars(): StepScalars {
    return stepScalars(this.#hyperparameters);
  }

  prepareStep(): StepScalars {
    return this.stepScalars;
  }

  /** @throws NotReadyError when they are constants of the graph */
  setHyperparameters(changes: Hyperparameters): void {
    assertHyperparameters(this.#hyperparameters, changes);
    if (!this.#takesScalars) {
      throw new NotReadyError(
        'The hyperparameters are constants of the graph in this directory, because it was written by an ' +
          'earlier version or with a custom optimizer. Pass the modelFn to change them.',
      );
    }
    this.#hyperparameters = { ...this.#hyperparameters, ...changes };
    this.#takeUpBetas();
  }

  /** Before the first step the powers of beta are beta itself. */
  #takeUpBetas(): void {
    if (this.#iterations > 0 || !this.#countsSteps) return;
    for (const name of ['beta1', 'beta2'] as const) {
      const beta = this.#hyperparameters[name];
      const power = this.all.get(`${name}_power`);
      if (beta !== undefined) tf.tidy(() => power?.assign(tf.scalar(beta)));
    }
  }

  countStep(): void {
    this.#iterations += 1;
  }

  tensor(name: string): tf.Variable {
    return namedVariable(this.all, name);
  }

  async read(names?: readonly string[]): Promise<CheckpointTensor[]> {
    const selected = names ?? this.#stored.map(({ name }) => name);
    const tensors = selected.map((name) => toCheckpointTensor(name, this.tensor(name)));
    if (names !== undefined) return Promise.all(tensors);
    const iterations = int64Scalar(ITERATIONS, this.#iterations);
    const hyperparameters = this.#takesScalars ? hyperparameterTensors(this.#hyperparameters) : [];
    const others = this.#others;
    return [...(await Promise.all(tensors)), iterations, ...hyperparameters, ...others];
  }

  async assign(tensors: readonly CheckpointTensor[]): Promise<void> {
    const model = this.#stored.filter(({ initial }) => initial === undefined);
    assignByName(new Map(model.map(({ name, variable }) => [name, variable])), tensors);
  }

  async restore(
    tensors: readonly CheckpointTensor[],
    { keepHyperparameters = false }: RestoreStateOptions = {},
  ): Promise<void> {
    const saved = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const assignments: Assignment[] = [];
    const absent: (readonly [tf.Variable, number])[] = [];
    for (const { name, variable, initial } of this.#stored) {
      const tensor = saved.get(name);
      if (initial === undefined) {
        assignments.push(requiredAssignment(name, variable, saved));
      } else if (tensor === undefined) {
        absent.push([variable, initial]);
      } else {
        assertFits(tensor, variable);
        assignments.push([variable, tensor]);
      }
    }
    assignAll(assignments);
    for (const [variable, initial] of absent) {
      tf.tidy(() => variable.assign(tf.fill(variable.shape, initial, variable.dtype)));
    }
    const isOther = (tensor: CheckpointTensor) =>
      !this.all.has(tensor.name) &&
      tensor.name !== ITERATIONS &&
      !(this.#takesScalars && isHyperparameterTensor(tensor));
    this.#others = tensors.filter(isOther);
    const iterations = saved.get(ITERATIONS);
    this.#iterations = iterations === undefined ? 0 : integerOf(iterations);
    this.#countsSteps = iterations !== undefined;
    if (this.#takesScalars && !keepHyperparameters) {
      const hyperparameters = savedHyperparameters(tensors, this.#hyperparameters);
      this.#hyperparameters = hyperparameters ?? this.#hyperparameters;
    }
  }

  dispose(): void {
    for (const { variable } of this.#stored) variable.dispose();
  }
}

/** A variable's shape, which must not depend on the batch. */
const fixedShape = (name: string, shape: readonly unknown[]): number[] => {
  if (shape.every((size): size is number => typeof size === 'number')) return [...shape];
  throw new StateError({
    subject: `variable "${name}" of the graph`,
    expected: 'a fixed shape',
    actual: 'one that depends on the batch',
    fix: 'Pass the modelFn as well; then the graph is not needed.',
  });
};

/**
 * Checks that the graph of a file can be trained on such features, before anything depends on them.
 *
 * @throws MissingFeatureError when a training step needs one that is absent
 * @throws DatasetError when one has another dtype or shape
 */
const assertFeatures = (program: ModelProgram, features: FeatureTensors): void => {
  const missing = program.trainFeatures.find((name) => !Object.hasOwn(features, name));
  if (missing !== undefined) throw new MissingFeatureError(missing, Object.keys(features));
  for (const { name, dtype, shape: sizes } of program.traced.graph.placeholders) {
    const tensor = Object.hasOwn(features, name) ? features[name] : undefined;
    if (tensor === undefined) continue;
    const shape = sizes.map((size) => (typeof size === 'number' ? size : null));
    if (tensor.dtype === dtype && shapeFits(tensor.shape, shape)) continue;
    throw new DatasetError({
      subject: `feature "${name}"`,
      expected: `${formatSpec({ dtype, shape })}, which the graph in the directory takes`,
      actual: formatSpec(tensor),
      fix: 'Provide data of the form that the model was trained on, or the modelFn, which may take other forms.',
    });
  }
};
