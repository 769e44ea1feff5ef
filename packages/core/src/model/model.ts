import { mixSeed } from '@elistimator/graph';
import * as tf from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';
import { ModelFnError, NotReadyError, VariableMismatchError } from '../errors';
import type { CheckpointTensor } from '../ports/checkpoint-store';
import type { MetricMap, ModelFn, Specs } from '../specs';
import { assignAll, checkFits, toCheckpointTensor } from './checkpoint-tensors';
import { type FeatureRanges, featureRanges } from './feature-ranges';
import { guardFeatures } from './features';
import { GraphProgram, signatureNameOf } from './graph-program';
import { ModelCall, withModelCall } from './model-call';
import type { ModelDescription } from './model-description';
import { OptimizerState } from './optimizer-state';
import { paramsFingerprint } from './params-fingerprint';
import { readLoss, readMetrics, readOptimizer, readOutput, readSpecs } from './read-specs';
import type { ModelBatch, ModelSpecs, RunnableModel } from './runnable-model';
import { traceModel } from './trace-model';
import { type ModelVariable, VariableStore } from './variable-store';

/** How training steps run: by calling the model function, or by its graph. */
export type Execution = 'eager' | 'graph';

interface ModelOptions {
  // biome-ignore lint/suspicious/noExplicitAny: a model is run on whatever features and parameters its function takes.
  readonly modelFn: ModelFn<any, any>;
  readonly params: unknown;
  readonly seed: number;
  /** Default: eager. */
  readonly execution?: Execution | undefined;
}

/** A model function with its variables and its optimizer. */
export class Model implements RunnableModel {
  readonly #options: ModelOptions;
  readonly #store: VariableStore;
  #optimizer: OptimizerState | undefined;
  #specs: ModelSpecs = { evaluates: false, predicts: false };
  /** Of the batch that it was built on. */
  #ranges: FeatureRanges = {};
  #traced:
    | {
        readonly of: string;
        readonly signature: InputSignature;
        readonly program: GraphProgram;
      }
    | undefined;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#store = new VariableStore(options.seed);
  }

  /** The model's variables, in the order of their making. */
  get variables(): readonly ModelVariable[] {
    return this.#store.all();
  }

  /** The optimizer; undefined before `build`. */
  get optimizer(): tf.Optimizer | undefined {
    return this.#optimizer?.optimizer;
  }

  /** The optimizer's learning rate now, where it tells. */
  get learningRate(): number | undefined {
    return this.#optimizer?.learningRate;
  }

  /** The model's and the optimizer's variables by their names in a checkpoint. */
  checkpointVariables(): ReadonlyMap<string, tf.Variable> {
    return new Map([
      ...this.variables.map(({ name, variable }) => [name, variable] as const),
      ...(this.#optimizer?.variables() ?? []),
    ]);
  }

  /** The optimizer as a graph needs to know it, beside its operations. */
  describeOptimizer(): ModelDescription['optimizer'] {
    const { optimizer, learningRate } = this;
    const state = this.#optimizer?.initialValues() ?? {};
    return { name: optimizer?.getClassName() ?? '', learningRate, state };
  }

  #run<T>(batch: ModelBatch, use: (specs: Specs) => T): T {
    const { modelFn, params, seed } = this.#options;
    const call = new ModelCall({
      store: this.#store,
      isTraining: batch.isTraining,
      seed: mixSeed(seed, ...batch.seed),
      summaries: batch.summaries,
    });
    const features = guardFeatures(batch.features, batch.signature);
    return withModelCall(call, () => use(readSpecs(modelFn(features, batch.isTraining, params))));
  }

  /**
   * Makes the variables and the optimizer by running the model once, and checks every spec. Nothing
   * else changes: what a training step would update is put back.
   *
   * @returns which of the optional specs the model function gives
   * @throws ModelFnError when the model function breaks its contract
   */
  build(batch: ModelBatch): ModelSpecs {
    const [specs, lazy] = this.#store.build(() =>
      scoped(() =>
        this.#run(batch, ([train, evaluation, prediction]) => {
          readLoss('TrainSpec', train.loss);
          if (evaluation !== null) {
            readLoss('EvaluationSpec', evaluation.loss);
            for (const metric of Object.values(readMetrics(evaluation))) metric.update();
          }
          if (prediction !== null) readOutput(prediction);
          const given = { evaluates: evaluation !== null, predicts: prediction !== null };
          return [given, train.optimizer] as const;
        }),
      ),
    );
    if (typeof lazy !== 'function') this.#refuseNewOptimizer(batch, lazy);
    // Outside any tidy, which would free an optimizer's constants.
    this.#optimizer ??= new OptimizerState(readOptimizer(lazy), typeof lazy === 'function');
    this.#specs = specs;
    this.#ranges = featureRanges(batch.features);
    return specs;
  }

  /** An optimizer made anew in every call would never keep its state. */
  #refuseNewOptimizer(batch: ModelBatch, first: tf.Optimizer): void {
    const second = this.#store.preserve(() =>
      scoped(() => this.#run(batch, ([{ optimizer }]) => optimizer)),
    );
    if (second === first) return;
    for (const optimizer of [first, second]) disposeQuietly(optimizer);
    throw new ModelFnError({
      subject: 'optimizer of TrainSpec',
      expected: 'the same optimizer in every call',
      actual: 'a new one',
      fix: 'Give a function: new TrainSpec({ loss, optimizer: () => tf.train.adam(0.001) }).',
    });
  }

  /**
   * One training step: forward, gradients, update.
   *
   * @returns the loss, which the caller disposes; it is not read back
   */
  trainStep(batch: ModelBatch): tf.Scalar {
    const state = this.#optimizer;
    if (state === undefined)
      throw new NotReadyError('Model.trainStep() needs Model.build() first.');
    if (this.#options.execution === 'graph' && this.#traced !== undefined) {
      const loss = this.program(this.#traced.signature).train(batch);
      state.countStep();
      return loss;
    }
    const variables = this.#trained;
    const { loss, gradients } = this.#gradients(batch, variables);
    try {
      state.apply(variables, gradients);
      for (const { constrain } of variables) constrain?.();
      return loss;
    } catch (error) {
      loss.dispose();
      throw error;
    } finally {
      tf.dispose(gradients);
    }
  }

  #gradients(batch: ModelBatch, variables: readonly ModelVariable[]) {
    let reported: tf.Scalar | undefined;
    const forward = () =>
      this.#run(batch, ([{ loss }]) => {
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
      throw error;
    }
  }

  /**
   * Runs the model as in evaluation. The tensors live while `use` runs.
   *
   * @throws NotReadyError when the model function gives no EvaluationSpec
   */
  evaluate<T>(batch: ModelBatch, use: (loss: tf.Scalar, metrics: MetricMap) => T): T {
    return this.#unchanged(batch, () =>
      scoped(() =>
        this.#run(batch, ([, spec]) => {
          if (spec === null) throw new NotReadyError(missingSpec('EvaluationSpec', 'this method'));
          return use(readLoss('EvaluationSpec', spec.loss), readMetrics(spec));
        }),
      ),
    );
  }

  /** In training mode a layer may update statistics, which measuring and predicting must not do. */
  #unchanged<T>({ isTraining }: ModelBatch, fn: () => T): T {
    return isTraining ? this.#store.preserve(fn) : fn();
  }

  /**
   * Runs the model as in prediction.
   *
   * @returns the outputs, which the caller disposes
   * @throws NotReadyError when the model function gives no PredictSpec
   */
  predict(batch: ModelBatch): Record<string, tf.Tensor> {
    const { features, signature, isTraining } = batch;
    // The graph runs only what the outputs need, where the code would read every feature.
    const isPartial = signature.some((name) => !Object.hasOwn(features, name));
    const program = isPartial && this.#traced ? this.program(this.#traced.signature) : undefined;
    const run = signatureNameOf('predict', isTraining);
    if (program?.holds(run)) {
      const { outputs, updates } = program.run(run, batch);
      tf.dispose(updates);
      return { ...outputs };
    }
    return this.#unchanged(batch, () =>
      tf.tidy(() =>
        this.#run(batch, ([, , spec]) => {
          if (spec === null) throw new NotReadyError(missingSpec('PredictSpec', 'predict()'));
          // An output may be a feature as it came in, which stays the caller's.
          return Object.fromEntries(
            Object.entries(readOutput(spec)).map(([name, tensor]) => [name, tensor.clone()]),
          );
        }),
      ),
    );
  }

  /** Every variable and the optimizer's state, read back for a checkpoint. */
  async read(): Promise<CheckpointTensor[]> {
    // All reads are begun at once, before anything is waited for, so that they are of one moment.
    const variables = this.variables.map(({ name, variable }) =>
      toCheckpointTensor(name, variable),
    );
    const optimizer = this.#optimizer?.read();
    return [...(await Promise.all(variables)), ...((await optimizer) ?? [])];
  }

  /**
   * Takes variables and optimizer state from a checkpoint: all of them, or none.
   *
   * @throws VariableMismatchError that names the first variable that is missing or differs
   */
  async restore(tensors: readonly CheckpointTensor[]): Promise<void> {
    const saved = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const assignments = this.variables.map(({ name, variable }) => {
      const tensor = saved.get(name);
      if (tensor === undefined) {
        throw new VariableMismatchError(name, {
          expected: `a value of shape [${variable.shape}] in the checkpoint`,
          actual: `none among ${saved.size} tensors`,
          fix: 'Restore a checkpoint of this model; a layer that was renamed or added is not in an older one.',
        });
      }
      checkFits(tensor, variable);
      return [variable, tensor] as const;
    });
    const restoreOptimizer = this.#optimizer?.prepareRestore(saved, this.#trained);
    const before = assignments.map(([variable]) => [variable, variable.clone()] as const);
    try {
      assignAll(assignments);
      await restoreOptimizer?.();
    } catch (error) {
      for (const [variable, value] of before) variable.assign(value);
      throw error;
    } finally {
      for (const [, value] of before) value.dispose();
    }
  }

  /**
   * Traced anew when what it is made of has changed: the parameters' settings, the learning rate,
   * frozen layers, or slots that a restored checkpoint did not have, which tracing makes.
   */
  program(signature: InputSignature): GraphProgram {
    if (this.#traced?.of !== this.#fingerprint(signature)) {
      this.#traced?.program.model.graph.dispose();
      this.#traced = undefined;
      const model = traceModel(this, signature, this.#specs, this.#ranges);
      const program = new GraphProgram(model, this.#options.seed, () => this.checkpointVariables());
      this.#traced = { of: this.#fingerprint(signature), signature, program };
    }
    return this.#traced.program;
  }

  #fingerprint(signature: InputSignature): string {
    const trained = this.#trained.map(({ name }) => name);
    const slots = [...(this.#optimizer?.variables().keys() ?? [])];
    const params = paramsFingerprint(this.#options.params);
    return JSON.stringify([signature, this.learningRate, trained, slots, params]);
  }

  get #trained(): readonly ModelVariable[] {
    return this.variables.filter(({ isTrainable }) => isTrainable());
  }

  /** Frees the variables and the optimizer. */
  dispose(): void {
    this.#traced?.program.model.graph.dispose();
    this.#traced = undefined;
    this.#optimizer?.dispose();
    this.#optimizer = undefined;
    this.#store.dispose();
  }
}

/** As tf.tidy, for a result that holds no tensors. */
const scoped = <T>(fn: () => T): T => {
  tf.engine().startScope();
  try {
    return fn();
  } finally {
    tf.engine().endScope();
  }
};

/** What tfjs's engine keeps of a forward pass, for the backward pass. */
interface Tape {
  gradientDepth: number;
  activeTape: { readonly saved?: readonly tf.Tensor[] }[] | null;
}

/**
 * tf.variableGrads, which frees what it kept of the forward pass also when that throws.
 */
const differentiate = (forward: () => tf.Scalar, variables: tf.Variable[]) => {
  try {
    return tf.variableGrads(forward, variables);
  } catch (error) {
    const { state } = tf.engine() as unknown as { state: Tape };
    if (state.gradientDepth === 0) {
      for (const { saved } of state.activeTape ?? []) tf.dispose([...(saved ?? [])]);
      state.activeTape = null;
    }
    throw error;
  }
};

const unconnected = /connection between any variable|to be trainable/;

const disposeQuietly = (optimizer: unknown): void => {
  if (optimizer instanceof tf.Optimizer) optimizer.dispose();
};

/** Says that a method needs a spec which the model function does not give. */
export const missingSpec = (spec: string, method: string): string =>
  `${spec}: expected the model function to return one, got null. Return one to use ${method}.`;

const nothingToTrain = (variables: number, cause: Error): ModelFnError =>
  new ModelFnError(
    {
      subject: 'loss of TrainSpec',
      expected: 'a loss that depends on a trainable variable',
      actual: `one that depends on none of ${variables}`,
      fix: 'Compute it from layers.* or getVariable() by differentiable operations, and leave some of them trainable.',
    },
    { cause },
  );
