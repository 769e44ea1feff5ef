import { inputsOf, tensorName } from './references';
import { tensorflowOp } from './tensorflow-op';
import type { Distribution, GraphNode, TensorRef, TensorSpec } from './types';

/** An operation of a graph, as TensorFlow would list it. */
export interface Operation {
  readonly name: string;
  /** TensorFlow's name of the operation (`MatMul`, `Placeholder`), or tfjs's where it has none. */
  readonly type: string;
  /** Names of the tensors that it takes: `node`, or `node:1` for a later output. */
  readonly inputs: readonly string[];
  readonly outputs: readonly TensorSpec[];
}

const randomOps: Readonly<Record<Distribution, string>> = {
  uniform: 'RandomUniform',
  normal: 'RandomStandardNormal',
  truncatedNormal: 'TruncatedNormal',
};

/** TensorFlow's name for what a node does. */
export const operationType = (node: GraphNode, nodes: readonly GraphNode[]): string => {
  switch (node.kind) {
    case 'placeholder':
      return 'Placeholder';
    case 'variable':
      return 'VariableV2';
    case 'constant':
      return 'Const';
    case 'random':
      return randomOps[node.distribution];
    case 'kernel': {
      const first = inputsOf(node)[0];
      const spec = first && nodes[first.node]?.outputs[first.output];
      return tensorflowOp(node.kernel, spec?.shape.length);
    }
  }
};

/** The name of the tensor that a reference means. */
export const nameOf = (nodes: readonly GraphNode[], { node, output }: TensorRef): string =>
  tensorName(nodes[node]?.name ?? '', output);

export const describeOperation = (node: GraphNode, nodes: readonly GraphNode[]): Operation => ({
  name: node.name,
  type: operationType(node, nodes),
  inputs: inputsOf(node).map((ref) => nameOf(nodes, ref)),
  outputs: node.outputs,
});
