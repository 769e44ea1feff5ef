import { operationType } from './ir/kernels';
import { inputsOf, tensorName } from './ir/references';
import type { GraphNode, TensorType } from './ir/types';

/** An operation of a graph, as TensorFlow would list it. */
export interface Operation {
  readonly name: string;
  /** TensorFlow's name for the operation (`MatMul`, `Placeholder`), or tfjs's if TensorFlow has none. */
  readonly type: string;
  /** The names of its input tensors: `node`, or `node:1` for a later output. */
  readonly inputs: readonly string[];
  readonly outputs: readonly TensorType[];
}

export const describeOperation = (node: GraphNode, nodes: readonly GraphNode[]): Operation => ({
  name: node.name,
  type: operationType(node, nodes),
  inputs: inputsOf(node).map((ref) => tensorName(nodes, ref)),
  outputs: node.outputs,
});
