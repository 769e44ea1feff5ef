import type * as tf from '@tensorflow/tfjs';
import { VariableMismatchError } from '../errors';
import type { RunnableModel } from '../model/runnable-model';
import type { FeatureInput } from './results';
import { checkRun } from './validate-options';

/** What a session's graph is fed: features by name. */
export type Feeds = Readonly<Record<string, FeatureInput>>;

/** What a session needs of its estimator. */
export interface SessionHost {
  /** @throws NotReadyError while there is no model */
  model(): RunnableModel;
  /** Called when a variable was given a value. */
  changed(): void;
  /** Runs the graph in its turn among the estimator's calls. */
  fetch(names: readonly string[], feeds: Feeds): Promise<tf.Tensor[]>;
}

/**
 * The running model: its graph to run, its variables to read and to assign, and its optimizer.
 *
 * Variables are live `tf.Variable`s, in the order of their making; their names are those in
 * checkpoints (`conv2d/kernel`).
 */
export class Session {
  readonly #host: SessionHost;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /**
   * Runs what a tensor of the graph needs, and no more.
   *
   * @param fetch the tensor's name, as `softmax`, `conv2d/Conv2D` or `conv2d/kernel`, one of the
   *   PredictSpec's outputs, or `loss`; `estimator.graph.operations` lists them
   * @param feeds the features that it needs, as `predict()` takes them
   * @returns the tensor, or a list for a list of names; the caller disposes them
   * @throws OptionError when a name is no text, or the feeds are no dictionary
   * @throws UnknownOperationError for a name that the graph does not have
   * @throws MissingFeatureError when a feature is missing that the tensor needs
   * @example
   * const probabilities = await estimator.session.run('softmax', { images });
   */
  run(fetch: string, feeds?: Feeds): Promise<tf.Tensor>;
  run(fetches: readonly string[], feeds?: Feeds): Promise<tf.Tensor[]>;
  async run(
    fetches: string | readonly string[],
    feeds: Feeds = {},
  ): Promise<tf.Tensor | tf.Tensor[]> {
    checkRun(fetches, feeds);
    if (typeof fetches !== 'string') return this.#host.fetch(fetches, feeds);
    const [tensor] = await this.#host.fetch([fetches], feeds);
    return tensor as tf.Tensor;
  }

  /** The model's variables by name. */
  get variables(): ReadonlyMap<string, tf.Variable> {
    return new Map(this.#host.model().variables.map(({ name, variable }) => [name, variable]));
  }

  /** The optimizer that the TrainSpec gave, as for `setLearningRate()` of tf.train.sgd. */
  get optimizer(): tf.Optimizer | undefined {
    return this.#host.model().optimizer;
  }

  /**
   * Gives a variable a new value.
   *
   * @param value the variable's shape and dtype; it stays the caller's to dispose
   * @throws VariableMismatchError when there is no such variable, or the shape or dtype differs
   */
  assign(name: string, value: tf.Tensor): void {
    const variable = this.variables.get(name);
    if (variable === undefined) {
      throw new VariableMismatchError(name, {
        expected: `one of ${[...this.variables.keys()].join(', ')}`,
        actual: 'a name that the model does not have',
        fix: 'Look at session.variables.',
      });
    }
    const same =
      variable.dtype === value.dtype &&
      variable.rank === value.rank &&
      variable.shape.every((size, axis) => size === value.shape[axis]);
    if (!same) {
      throw new VariableMismatchError(name, {
        expected: `${variable.dtype} of shape [${variable.shape}]`,
        actual: `${value.dtype} of shape [${value.shape}]`,
        fix: 'Reshape or cast the value.',
      });
    }
    variable.assign(value);
    this.#host.changed();
  }
}
