import type { Graph, Operation } from '@elistimator/graph';
import { assertArguments, checkMethods, deepFreeze, kinds, required } from '@elistimator/internal';
import type { InputSignature } from '../dataset';
import type { BuiltModel } from '../lifecycle/context';
import type { VariableInfo } from '../model/model-state';

/** A copy of plain data, for callers who might change it. */
const frozenCopy = <T>(value: T): T => deepFreeze(structuredClone(value));

/** The model as `setup()` built it: inputs, variables, operations. What it returns is frozen. */
export class ModelGraph {
  readonly #built: () => BuiltModel;
  #operations: { readonly of: Graph; readonly list: readonly Operation[] } | undefined;

  /** @param built throws while there is no model */
  constructor(built: () => BuiltModel) {
    assertArguments('new ModelGraph()', arguments, { built: required() });
    this.#built = built;
  }

  /** Dtype and shape of each feature by name; null stands for the batch and other open dimensions. */
  get inputSignature(): InputSignature {
    return frozenCopy(this.#built().signature);
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
    const graph = this.traced;
    if (this.#operations?.of !== graph) {
      this.#operations = { of: graph, list: frozenCopy(graph.operations) };
    }
    return this.#operations.list;
  }

  /**
   * An operation by its name.
   *
   * @throws UnknownOperationError listing similar names
   */
  operation(name: string): Operation {
    return frozenCopy(this.traced.operation(name));
  }

  /** The model's variables, in creation order. */
  get variables(): readonly VariableInfo[] {
    const { variables } = this.#built().model.state;
    return frozenCopy(variables.filter(({ role }) => role === 'model'));
  }
}

checkMethods(ModelGraph.prototype, 'graph.', { operation: { name: required(kinds.string) } });
