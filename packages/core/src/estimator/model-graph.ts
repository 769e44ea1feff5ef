import type { Graph, Operation } from '@elistimator/graph';
import type { InputSignature } from '../dataset';
import type { BuiltModel } from '../lifecycle/context';
import type { VariableInfo } from '../model/model-state';

/** The model as `setup()` built it: inputs, variables, operations. */
export class ModelGraph {
  readonly #built: () => BuiltModel;

  /** @param built throws while there is no model */
  constructor(built: () => BuiltModel) {
    this.#built = built;
  }

  /** Dtype and shape of each feature by name; null stands for the batch and other open dimensions. */
  get inputSignature(): InputSignature {
    return this.#built().signature;
  }

  /**
   * The model as a graph with the signatures `train`, `evaluate` and `predict`, as far as it can be
   * traced.
   */
  get traced(): Graph {
    return this.#built().programs.current().traced.graph;
  }

  /** All operations in execution order, each with its name, type, inputs and outputs. */
  get operations(): readonly Operation[] {
    return this.traced.operations;
  }

  /**
   * An operation by its name.
   *
   * @throws UnknownOperationError listing similar names
   */
  operation(name: string): Operation {
    return this.traced.operation(name);
  }

  /** The model's variables, in creation order. */
  get variables(): readonly VariableInfo[] {
    return this.#built().model.state.variables.filter(({ role }) => role === 'model');
  }
}
