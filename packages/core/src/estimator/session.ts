import {
  assertArguments,
  checkAsyncMethods,
  checkMethods,
  optional,
  required,
  sameShape,
} from '@elistimator/internal';
import type * as tf from '@tensorflow/tfjs';
import { VariableMismatchError } from '../errors';
import type { Model } from '../model/model';
import { namedVariable } from '../model/model-state';
import type { FeatureInput } from './results';
import { assertAssigned, assertFetches } from './validate-arguments';

/** The inputs of a session's graph: features by name. */
export type SessionFeeds = Readonly<Record<string, FeatureInput>>;

/** The part of an estimator that a session uses. */
export interface SessionHost {
  /** @throws NotReadyError while there is no model */
  model(): Model;
  /** Called after a variable was assigned. */
  onAssigned(): void;
  /** Runs the graph when its turn among the estimator's calls has come. */
  fetch(names: readonly string[], feeds: SessionFeeds): Promise<tf.Tensor[]>;
}

/**
 * The running model: its graph to run, its variables to read and assign, and its optimizer.
 *
 * Variables are live `tf.Variable`s in creation order, under their names in checkpoints
 * (`conv2d/kernel`).
 */
export class Session {
  readonly #host: SessionHost;

  constructor(host: SessionHost) {
    assertArguments('new Session()', arguments, { host: required() });
    this.#host = host;
  }

  /**
   * Computes tensors of the graph, and only what they need.
   *
   * @param fetch the tensor's name, such as `softmax`, `conv2d/Conv2D` or `conv2d/kernel`, one of the
   *   PredictSpec's outputs, or `loss`; `estimator.graph.operations` lists them
   * @param feeds the features that it needs, as `predict()` takes them
   * @returns the tensor, or a list for a list of names; the caller disposes them
   * @throws OptionError when a name is not a string, or the feeds are not an object
   * @throws UnknownOperationError for a name that the graph does not have
   * @throws MissingFeatureError when a feature is missing that the tensor needs
   * @example
   * const probabilities = await estimator.session.run('softmax', { images });
   */
  run(fetch: string, feeds?: SessionFeeds): Promise<tf.Tensor>;
  run(fetches: readonly string[], feeds?: SessionFeeds): Promise<tf.Tensor[]>;
  async run(
    fetches: string | readonly string[],
    feeds: SessionFeeds = {},
  ): Promise<tf.Tensor | tf.Tensor[]> {
    assertFetches(fetches, feeds);
    if (typeof fetches !== 'string') return this.#host.fetch(fetches, feeds);
    const [tensor] = await this.#host.fetch([fetches], feeds);
    return tensor as tf.Tensor;
  }

  /** The model's variables by name. */
  get variables(): ReadonlyMap<string, tf.Variable> {
    const { state } = this.#host.model();
    const model = state.variables.filter(({ role }) => role === 'model');
    return new Map(model.map(({ name }) => [name, state.tensor(name)]));
  }

  /**
   * The optimizer of the TrainSpec; undefined for a model without its model function. To change its
   * settings, use `estimator.learningRate` and `estimator.setHyperparameters()`, which work for both.
   */
  get optimizer(): tf.Optimizer | undefined {
    return this.#host.model().optimizer.instance;
  }

  /**
   * Assigns a new value to a variable.
   *
   * @param value of the variable's shape and dtype; it stays the caller's to dispose
   * @throws VariableMismatchError when there is no such variable, or the shape or dtype differs
   * @throws OptionError when the value is not a tensor
   */
  assign(name: string, value: tf.Tensor): void {
    assertAssigned(name, value);
    const variable = namedVariable(this.variables, name);
    if (variable.dtype !== value.dtype || !sameShape(variable.shape, value.shape)) {
      throw new VariableMismatchError(name, {
        expected: `${variable.dtype} of shape [${variable.shape}]`,
        actual: `${value.dtype} of shape [${value.shape}]`,
        fix: 'Reshape or cast the value.',
      });
    }
    // tfjs frees the variable's old value first, which would be this one if it is the variable itself.
    const alias = value.clone();
    variable.assign(alias);
    alias.dispose();
    this.#host.onAssigned();
  }
}

checkAsyncMethods(Session.prototype, 'session.', {
  run: { fetches: optional(), feeds: optional() },
});
checkMethods(Session.prototype, 'session.', { assign: { name: optional(), value: optional() } });
