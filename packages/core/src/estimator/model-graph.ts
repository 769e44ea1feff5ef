import type { Graph, Operation } from '@elistimator/graph';
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

/** The model as `setup()` found it: inputs, variables, operations. */
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

  /**
   * The model as a graph: every way to run it is one of its signatures. What can't be traced is not
   * in it.
   */
  get traced(): Graph {
    return this.#model().program(this.#signature()).model.graph;
  }

  /** Every operation, in the order of execution: its name, type, inputs, and outputs. */
  get operations(): readonly Operation[] {
    return this.traced.operations;
  }

  /**
   * An operation by its name.
   *
   * @throws UnknownOperationError that names those that come near
   */
  operation(name: string): Operation {
    return this.traced.operation(name);
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
