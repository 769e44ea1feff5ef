import type * as tf from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';
import type { RunnableModel } from '../model/runnable-model';

/** One variable, described. */
export interface VariableDescription {
  readonly name: string;
  readonly dtype: tf.DataType;
  readonly shape: readonly number[];
  readonly trainable: boolean;
}

/** What `setup()` found of the model: its inputs and its variables. */
export class ModelGraph {
  readonly #model: () => RunnableModel;
  readonly #signature: () => InputSignature;

  /** Both functions throw while there is no model. */
  constructor(model: () => RunnableModel, signature: () => InputSignature) {
    this.#model = model;
    this.#signature = signature;
  }

  /** Features by name, with dtype and shape; null stands for the batch and other open dimensions. */
  get inputSignature(): InputSignature {
    return this.#signature();
  }

  /** The variables, in the order of their making. */
  get variables(): readonly VariableDescription[] {
    return this.#model().variables.map(({ name, variable, isTrainable }) => ({
      name,
      dtype: variable.dtype,
      shape: variable.shape,
      trainable: isTrainable(),
    }));
  }
}
