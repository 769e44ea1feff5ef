import type * as tf from '@tensorflow/tfjs';
import { VariableMismatchError } from '../errors';
import type { RunnableModel } from '../model/runnable-model';

/**
 * The running model: its variables by name, to read and to assign, and its optimizer.
 *
 * Variables are live `tf.Variable`s, in the order of their making; their names are those in
 * checkpoints (`conv2d/kernel`).
 */
export class Session {
  readonly #model: () => RunnableModel;
  readonly #onChange: () => void;

  /**
   * @param model gives the model, or throws while there is none
   * @param onChange called when a variable was given a value
   */
  constructor(model: () => RunnableModel, onChange: () => void) {
    this.#model = model;
    this.#onChange = onChange;
  }

  /** The model's variables by name. */
  get variables(): ReadonlyMap<string, tf.Variable> {
    return new Map(this.#model().variables.map(({ name, variable }) => [name, variable]));
  }

  /** The optimizer that the TrainSpec gave, as for `setLearningRate()` of tf.train.sgd. */
  get optimizer(): tf.Optimizer | undefined {
    return this.#model().optimizer;
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
    this.#onChange();
  }
}
