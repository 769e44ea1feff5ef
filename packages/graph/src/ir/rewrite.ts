import { mapInputs } from './references';
import type { GraphDefinition, GraphNode, Signature, TensorRef } from './types';

/** The nodes of a new graph. */
export class NodeList {
  readonly nodes: GraphNode[] = [];

  /** Appends a node, and returns a reference to each of its outputs. */
  readonly add = (node: GraphNode): readonly TensorRef[] => {
    const index = this.nodes.push(node) - 1;
    return node.outputs.map((_, output) => ({ node: index, output }));
  };
}

/**
 * Adds a node of the old graph to the new one, or another node, or none.
 *
 * @param node with inputs that refer to the new graph
 * @returns the tensors of the new graph that replace the node's outputs
 */
export type NodeRewriter = (
  node: GraphNode,
  target: Pick<NodeList, 'nodes' | 'add'>,
) => readonly TensorRef[];

/** The signature, with other tensors. */
export const mapSignature = (
  signature: Signature,
  map: (ref: TensorRef) => TensorRef,
): Signature => ({
  inputs: signature.inputs,
  outputs: Object.fromEntries(
    Object.entries(signature.outputs).map(([name, ref]) => [name, map(ref)]),
  ),
  updates: signature.updates.map(({ variable, value }) => ({ variable, value: map(value) })),
});

/**
 * Rewrites every node of a graph, in order, into a list that may have nodes already.
 *
 * @returns the graph's signatures, which refer to the list
 */
export const rewriteInto = (
  target: NodeList,
  { nodes, signatures }: GraphDefinition,
  rewriteNode: NodeRewriter,
): Readonly<Record<string, Signature>> => {
  const rewritten: (readonly TensorRef[])[] = [];
  const refOf = ({ node, output }: TensorRef): TensorRef => {
    const ref = rewritten[node]?.[output];
    if (ref === undefined)
      throw new RangeError(`The rewriter gave no tensor for ${node}:${output}.`);
    return ref;
  };
  for (const node of nodes) {
    const current =
      node.kind === 'kernel' ? { ...node, inputs: mapInputs(node.inputs, refOf) } : node;
    rewritten.push(rewriteNode(current, target));
  }
  return Object.fromEntries(
    Object.entries(signatures).map(([name, signature]) => [name, mapSignature(signature, refOf)]),
  );
};

export const rewrite = (graph: GraphDefinition, rewriteNode: NodeRewriter): GraphDefinition => {
  const target = new NodeList();
  return { ...graph, signatures: rewriteInto(target, graph, rewriteNode), nodes: target.nodes };
};
