import {
  mixSeed,
  releaseGradientTape,
  seededRandomSource,
  withRandomSource,
} from '@elistimator/graph';
import { listNames } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError, NotReadyError } from '../errors';
import { ModelCall, modelCallIfAny, withModelCall } from '../scope/model-call';
import {
  explainFailure,
  missingGradientError,
  operationWithoutGradient,
} from '../scope/tfjs-failures';
import { observeKernels, registeredVariables } from '../scope/tfjs-internals';
import { type ModelVariable, VariableStore } from '../scope/variable-store';
import type { AnyModelFn, MetricMap, Specs } from '../specs';
import { CodeModelState } from './code-model-state';
import { type Model, type ModelSpecs, missingSpec, type StepInputs } from './model';
import type { ModelDescription } from './model-description';
import { OptimizerState } from './optimizer-state';
import type { ScalarInputs } from './optimizer-updates';
import {
  guardFeatures,
  readLoss,
  readMetrics,
  readOptimizer,
  readOutput,
  readSpecs,
} from './read-specs';

/** A model function, its parameters, and the seed of its random numbers. */
export interface CodeModelOptions {
  readonly modelFn: AnyModelFn;
  readonly params: unknown;
  readonly seed: number;
}

/** The untyped view of a model function: its features and parameters are checked by its own types only. */
type CallableModelFn = (features: unknown, isTraining: boolean, params: unknown) => unknown;

/** A model function with its variables and its optimizer. */
export class CodeModel implements Model {
  readonly #modelFn: CallableModelFn;
  readonly #params: unknown;
  readonly #seed: number;
  readonly #store: VariableStore;
  readonly state: CodeModelState;
  #optimizer: OptimizerState | undefined;

  constructor({ modelFn, params, seed }: CodeModelOptions) {
    this.#modelFn = modelFn as CallableModelFn;
    this.#params = params;
    this.#seed = seed;
    this.#store = new VariableStore(seed);
    this.state = new CodeModelState(this.#store, () => this.#optimizer);
  }

  get params(): unknown {
    return this.#params;
  }

  get optimizer(): OptimizerState {
    if (this.#optimizer !== undefined) return this.#optimizer;
    throw new NotReadyError(
      'The optimizer does not exist before the model is built: call setup().',
    );
  }

  /** The variables that training changes at present. */
  get trainedVariables(): readonly ModelVariable[] {
    return this.state.trained();
  }

  /** Facts about the optimizer that the model's graph does not contain. */
  describeOptimizer(): ModelDescription['optimizer'] {
    const { instance, hyperparameters, takesScalars } = this.optimizer;
    const state = this.optimizer.initialValues();
    return { name: instance.getClassName(), hyperparameters, takesScalars, state };
  }

  #call<T>(inputs: StepInputs, use: (specs: Specs) => T): T {
    const seed = mixSeed(this.#seed, ...inputs.seedPath);
    const call = new ModelCall({
      store: this.#store,
      isTraining: inputs.isTraining,
      seed,
      summaries: inputs.summaries,
    });
    const features = guardFeatures(inputs.features, inputs.featureNames);
    const run = () => use(readSpecs(this.#modelFn(features, inputs.isTraining, this.#params)));
    // Random layers of tfjs, inside layers.apply() and recurrent layers, follow the seed as well.
    try {
      return withRandomSource(seededRandomSource(seed), () => withModelCall(call, run));
    } catch (error) {
      throw explainFailure(error, 'model function');
    }
  }

  /** The layers that run a kernel in a step that failed. */
  #layersWith(kernel: string, inputs: StepInputs): string[] {
    const layers = new Set<string>();
    const observe = (name: string): void => {
      const layer = modelCallIfAny()?.layer;
      if (name === kernel && layer !== undefined) layers.add(layer);
    };
    const forward = () =>
      scoped(() =>
        this.#call({ ...inputs, summaries: undefined }, ([{ loss }]) => {
          readLoss('TrainSpec', loss);
        }),
      );
    this.#store.preserve(() => observeKernels(observe, forward));
    return [...layers];
  }

  /** @throws ModelFnError when the model function breaks its contract */
  build(inputs: StepInputs): ModelSpecs {
    const known = new Set(Object.values(registeredVariables()));
    const [specs, optimizer] = this.#store.build(() =>
      scoped(() => {
        const read = this.#call(inputs, ([train, evaluation, prediction]) => {
          readLoss('TrainSpec', train.loss);
          if (evaluation !== null) {
            readLoss('EvaluationSpec', evaluation.loss);
            for (const metric of Object.values(readMetrics(evaluation))) metric.update();
          }
          if (prediction !== null) readOutput(prediction);
          const available = { evaluates: evaluation !== null, predicts: prediction !== null };
          return [available, train.optimizer] as const;
        });
        this.#assertNoOtherVariables(known);
        return read;
      }),
    );
    const isOwned = typeof optimizer === 'function';
    if (!isOwned) this.#assertSameOptimizer(inputs, optimizer);
    // Outside of any tidy, which would free an optimizer's constants.
    this.#optimizer ??= new OptimizerState(readOptimizer(optimizer), isOwned);
    return specs;
  }

  /**
   * Variables that the model does not know are neither trained nor saved, and most would be created anew
   * in every call.
   */
  #assertNoOtherVariables(known: ReadonlySet<tf.Variable>): void {
    const ours = new Set(this.#store.all().map(({ variable }) => variable));
    const others = Object.entries(registeredVariables()).filter(
      ([, variable]) => !known.has(variable) && !ours.has(variable),
    );
    if (others.length === 0) return;
    const names = others.map(([name]) => name);
    throw new ModelFnError({
      subject: 'model function',
      expected:
        'variables of layers.*, layers.apply() or getVariable() only, which are trained and saved',
      actual: `${listNames(names)} of tf.variable() or tf.layers`,
      fix: 'Use layers.dense() in place of tf.layers.dense(), getVariable() in place of tf.variable(), and layers.apply(layer, input) in place of layer.apply(input).',
    });
  }

  /** An optimizer that is created anew in every call would lose its state. */
  #assertSameOptimizer(inputs: StepInputs, first: tf.Optimizer): void {
    const second = this.#store.preserve(() =>
      scoped(() => this.#call(inputs, ([{ optimizer }]) => optimizer)),
    );
    if (second === first) return;
    for (const optimizer of [first, second]) {
      if (optimizer instanceof tf.Optimizer) optimizer.dispose();
    }
    throw new ModelFnError({
      subject: 'optimizer of TrainSpec',
      expected: 'the same optimizer in every call',
      actual: 'a new one',
      fix: 'Pass a function: new TrainSpec({ loss, optimizer: () => tf.train.adam(0.001) }).',
    });
  }

  /**
   * Runs one training step: forward pass, gradients, update.
   *
   * @param scalars the step's scalars as tensors
   * @returns the loss, which the caller disposes; it is not read back
   */
  trainStep(inputs: StepInputs, scalars: ScalarInputs): tf.Scalar {
    const variables = this.trainedVariables;
    const { loss, gradients } = this.#gradients(inputs, variables);
    try {
      this.optimizer.apply(variables, gradients, scalars);
      for (const { constrain } of variables) constrain?.();
      return loss;
    } catch (error) {
      loss.dispose();
      throw error;
    } finally {
      tf.dispose(gradients);
    }
  }

  #gradients(inputs: StepInputs, variables: readonly ModelVariable[]) {
    let reported: tf.Scalar | undefined;
    const forward = () =>
      this.#call(inputs, ([{ loss }]) => {
        reported = readLoss('TrainSpec', loss);
        const penalties = this.#store.regularizationLosses();
        return penalties.reduce((sum, penalty) => sum.add(penalty), reported);
      });
    try {
      const { value, grads } = differentiate(
        forward,
        variables.map(({ variable }) => variable),
      );
      return { loss: value, gradients: grads };
    } catch (error) {
      if (reported !== undefined && !reported.isDisposed) reported.dispose();
      if (error instanceof Error && unconnected.test(error.message)) {
        throw nothingToTrain(variables.length, error);
      }
      const operation = operationWithoutGradient(error);
      if (operation === undefined) throw error;
      throw missingGradientError(operation, this.#layersWith(operation, inputs), error);
    }
  }

  evaluate<T>(inputs: StepInputs, use: (loss: tf.Scalar, metrics: MetricMap) => T): T {
    return this.#preserved(inputs, () =>
      scoped(() =>
        this.#call(inputs, ([, spec]) => {
          if (spec === null) throw new NotReadyError(missingSpec('EvaluationSpec', 'this method'));
          return use(readLoss('EvaluationSpec', spec.loss), readMetrics(spec));
        }),
      ),
    );
  }

  predict(inputs: StepInputs): Record<string, tf.Tensor> {
    return this.#preserved(inputs, () =>
      tf.tidy(() =>
        this.#call(inputs, ([, , spec]) => {
          if (spec === null) throw new NotReadyError(missingSpec('PredictSpec', 'predict()'));
          // An output may be an unchanged feature, which stays the caller's.
          return Object.fromEntries(
            Object.entries(readOutput(spec)).map(([name, tensor]) => [name, tensor.clone()]),
          );
        }),
      ),
    );
  }

  /** In training mode a layer may update its statistics, which evaluation and prediction must not. */
  #preserved<T>({ isTraining }: StepInputs, fn: () => T): T {
    return isTraining ? this.#store.preserve(fn) : fn();
  }

  dispose(): void {
    this.#optimizer?.dispose();
    this.#optimizer = undefined;
    this.#store.dispose();
  }
}

/** Like tf.tidy, for a result without tensors. */
const scoped = <T>(fn: () => T): T => {
  tf.engine().startScope();
  try {
    return fn();
  } finally {
    tf.engine().endScope();
  }
};

/** Like `tf.variableGrads`, but frees the tensors saved by the forward pass also when it throws. */
const differentiate = (forward: () => tf.Scalar, variables: tf.Variable[]) => {
  try {
    return tf.variableGrads(forward, variables);
  } catch (error) {
    releaseGradientTape();
    throw error;
  }
};

const unconnected = /connection between any variable|to be trainable/;

const nothingToTrain = (variables: number, cause: Error): ModelFnError =>
  new ModelFnError(
    {
      subject: 'loss of TrainSpec',
      expected: 'a loss that depends on a trainable variable',
      actual:
        variables === 0
          ? 'one that depends on none, since the model has none'
          : `one that depends on none of its ${variables}`,
      fix: 'Compute it from layers.* or getVariable() by differentiable operations, and leave some of them trainable.',
    },
    { cause },
  );
