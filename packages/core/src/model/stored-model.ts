import * as tf from '@tensorflow/tfjs';
import { NotReadyError, StateError, VariableMismatchError } from '../errors';
import type { Metric } from '../metrics';
import { metricResult } from '../metrics/metric-result';
import type { CheckpointTensor } from '../ports/checkpoint-store';
import type { MetricMap } from '../specs';
import {
  assignAll,
  checkFits,
  int64Scalar,
  integerOf,
  toCheckpointTensor,
} from './checkpoint-tensors';
import {
  type GraphedModel,
  GraphProgram,
  lossOf,
  metricTotals,
  signatureNameOf,
} from './graph-program';
import { missingSpec } from './model';
import { ITERATIONS } from './optimizer-state';
import type { ModelBatch, ModelSpecs, RunnableModel } from './runnable-model';
import { checkFeatures } from './stored-features';
import type { ModelVariable } from './variable-store';

/** A variable of the model or of its optimizer. */
interface StoredVariable {
  readonly name: string;
  readonly variable: tf.Variable;
  /** What every element starts with, for a variable of the optimizer. */
  readonly initial: number | undefined;
}

/**
 * A model without its code: the graph that a checkpoint holds, with variables of its own. The
 * optimizer is a part of the training graph, so it trains on with what it was traced with.
 */
export class StoredModel implements RunnableModel {
  readonly #model: GraphedModel;
  readonly #program: GraphProgram;
  readonly #stored: readonly StoredVariable[];
  readonly #byName: ReadonlyMap<string, tf.Variable>;
  /**
   * What the restored checkpoint has beside the graph's variables (a variable that nothing uses, slots
   * of one that is frozen, or of a training step that is code only): it goes into the next one as it is.
   */
  #others: readonly CheckpointTensor[] = [];
  /** Training steps that the optimizer has done. */
  #iterations = 0;
  readonly variables: readonly ModelVariable[];
  readonly optimizer = undefined;

  /** @param seed what all random numbers follow from */
  constructor(model: GraphedModel, seed: number) {
    const { graph, description } = model;
    const { state } = description.optimizer;
    this.#model = model;
    this.#stored = graph.variables.map(({ name, dtype, shape, trainable }) => {
      const initial = Object.hasOwn(state, name) ? state[name] : undefined;
      const variable = tf.tidy(() => tf.variable(tf.zeros(fixed(name, shape), dtype), trainable));
      return { name, variable, initial };
    });
    this.#byName = new Map(this.#stored.map(({ name, variable }) => [name, variable]));
    this.#program = new GraphProgram(model, seed, () => this.#byName);
    this.variables = this.#stored
      .filter(({ initial }) => initial === undefined)
      .map(({ name, variable }) => ({
        name,
        variable,
        isTrainable: () => variable.trainable,
        owned: true,
      }));
  }

  get learningRate(): number | undefined {
    return this.#model.description.optimizer.learningRate;
  }

  /**
   * There is nothing to make; what the graph does not hold is refused when it is asked for.
   *
   * @throws MissingFeatureError or DatasetError when the batch is none of those that the graph trains on
   */
  build({ features }: ModelBatch): ModelSpecs {
    checkFeatures(this.#model.graph, features);
    const { evaluates, predicts } = this.#model.description;
    return { evaluates, predicts };
  }

  trainStep(batch: ModelBatch): tf.Scalar {
    const loss = this.#program.train(batch);
    this.#iterations += 1;
    return loss;
  }

  evaluate<T>(batch: ModelBatch, use: (loss: tf.Scalar, metrics: MetricMap) => T): T {
    const { description } = this.#model;
    if (!description.evaluates)
      throw new NotReadyError(missingSpec('EvaluationSpec', 'this method'));
    // Before the work, since a metric made of the user's code has no result without that code.
    const results = Object.entries(description.metrics).map(
      ([name, { kind, config }]) =>
        [name, { kind, config, result: metricResult(kind, config) }] as const,
    );
    const { outputs, updates } = this.#program.run(
      signatureNameOf('evaluate', batch.isTraining),
      batch,
    );
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

  predict(batch: ModelBatch): Record<string, tf.Tensor> {
    if (!this.#model.description.predicts)
      throw new NotReadyError(missingSpec('PredictSpec', 'predict()'));
    const { outputs, updates } = this.#program.run(
      signatureNameOf('predict', batch.isTraining),
      batch,
    );
    tf.dispose(updates);
    return { ...outputs };
  }

  async read(): Promise<CheckpointTensor[]> {
    const tensors = this.#stored.map(({ name, variable }) => toCheckpointTensor(name, variable));
    const iterations = int64Scalar(ITERATIONS, this.#iterations);
    return [...(await Promise.all(tensors)), iterations, ...this.#others];
  }

  async restore(tensors: readonly CheckpointTensor[]): Promise<void> {
    const saved = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const assignments: (readonly [tf.Variable, CheckpointTensor])[] = [];
    const anew: (readonly [tf.Variable, number])[] = [];
    for (const { name, variable, initial } of this.#stored) {
      const tensor = saved.get(name);
      if (tensor !== undefined) {
        checkFits(tensor, variable);
        assignments.push([variable, tensor]);
      } else if (initial !== undefined) {
        anew.push([variable, initial]);
      } else {
        throw new VariableMismatchError(name, {
          expected: `a value of shape [${variable.shape}] in the checkpoint`,
          actual: `none among ${saved.size} tensors`,
          fix: 'Restore a checkpoint of the model whose graph this is.',
        });
      }
    }
    assignAll(assignments);
    for (const [variable, initial] of anew) {
      tf.tidy(() => variable.assign(tf.fill(variable.shape, initial, variable.dtype)));
    }
    this.#others = tensors.filter(({ name }) => !this.#byName.has(name) && name !== ITERATIONS);
    const iterations = saved.get(ITERATIONS);
    this.#iterations = iterations === undefined ? 0 : integerOf(iterations);
  }

  program(): GraphProgram {
    return this.#program;
  }

  dispose(): void {
    for (const { variable } of this.#stored) variable.dispose();
    this.#model.graph.dispose();
  }
}

/** A variable's shape, which no batch decides. */
const fixed = (name: string, shape: readonly unknown[]): number[] => {
  if (shape.every((size): size is number => typeof size === 'number')) return [...shape];
  throw new StateError({
    subject: `variable "${name}" of the graph`,
    expected: 'a shape that is known',
    actual: 'one that depends on the batch',
    fix: 'Give the modelFn as well; then the graph is not needed.',
  });
};
