import { equalSized } from '../graph/sized';
import type { GraphDefinition, GraphNode, KernelNode, TensorRef } from '../graph/types';
import { rewrite } from './rewrite';

const sameSpec = (nodes: readonly GraphNode[], ref: TensorRef, node: KernelNode): boolean => {
  const before = nodes[ref.node]?.outputs[ref.output];
  const after = node.outputs[0];
  return (
    before !== undefined &&
    after !== undefined &&
    before.dtype === after.dtype &&
    before.shape.length === after.shape.length &&
    before.shape.every((dimension, axis) => equalSized(dimension, after.shape[axis] ?? Number.NaN))
  );
};

/** Kernels that give their input when neither shape nor dtype changes. */
const copying = new Set(['Identity', 'Cast', 'Reshape']);

/** Leaves out operations that change nothing: copies, and casts and reshapes to what already is. */
export const forwardIdentities = (graph: GraphDefinition): GraphDefinition =>
  rewrite(graph, (node, { nodes, emit }) => {
    if (node.kind !== 'kernel' || !copying.has(node.kernel)) return emit(node);
    const input = node.inputs.x;
    const single = input !== null && input !== undefined && 'node' in input;
    return single && sameSpec(nodes, input, node) ? [input] : emit(node);
  });
