import { mapInputs } from '../graph/references';
import type { GraphDefinition, GraphNode, Signature, TensorRef } from '../graph/types';

/** A graph that grows while another is gone through. */
export interface Emitter {
  /** What has been emitted so far. */
  readonly nodes: readonly GraphNode[];
  /** Appends a node; gives a reference to each of its outputs. */
  emit(node: GraphNode): readonly TensorRef[];
}

/**
 * Places a node of the old graph in the new one: emits it, or something else, or nothing.
 *
 * @param node with inputs that refer to the new graph
 * @returns the new tensors that stand for the node's outputs
 */
export type Place = (node: GraphNode, emitter: Emitter) => readonly TensorRef[];

/** An emitter, and the list it fills. */
export const newEmitter = (): Emitter & { readonly nodes: GraphNode[] } => {
  const nodes: GraphNode[] = [];
  return {
    nodes,
    emit(node) {
      const index = nodes.push(node) - 1;
      return node.outputs.map((_, output) => ({ node: index, output }));
    },
  };
};

/** A signature in terms of another graph's tensors. */
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

/** Places every node of a graph, in order, and gives its signatures in terms of the new one. */
export const placeAll = (
  { nodes, signatures }: GraphDefinition,
  emitter: Emitter,
  place: Place,
): Readonly<Record<string, Signature>> => {
  const placed: (readonly TensorRef[])[] = [];
  const moved = ({ node, output }: TensorRef): TensorRef => {
    const ref = placed[node]?.[output];
    if (ref === undefined) throw new RangeError(`Tensor ${node}:${output} has no place.`);
    return ref;
  };
  for (const node of nodes) {
    placed.push(place(node.kind === 'kernel' ? mapInputs(node, moved) : node, emitter));
  }
  return Object.fromEntries(
    Object.entries(signatures).map(([name, signature]) => [name, mapSignature(signature, moved)]),
  );
};

/** The graph that comes of placing every node anew. */
export const rewrite = (graph: GraphDefinition, place: Place): GraphDefinition => {
  const emitter = newEmitter();
  return { ...graph, signatures: placeAll(graph, emitter, place), nodes: emitter.nodes };
};
