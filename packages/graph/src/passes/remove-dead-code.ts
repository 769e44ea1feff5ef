import { inputsOf, mapInputs } from '../graph/references';
import type { GraphDefinition, GraphNode, TensorRef } from '../graph/types';
import { mapSignature } from './rewrite';

/** Which nodes it takes to compute some tensors: one flag for each node. */
export const neededFor = (nodes: readonly GraphNode[], roots: Iterable<TensorRef>): boolean[] => {
  const needed = nodes.map(() => false);
  for (const { node } of roots) needed[node] = true;
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    if (!needed[index] || node === undefined) continue;
    for (const input of inputsOf(node)) needed[input.node] = true;
  }
  return needed;
};

/**
 * Leaves out what no output and no update of any signature needs. The placeholders that a signature
 * declares stay, and so do the variables that it assigns.
 */
export const removeDeadCode = (graph: GraphDefinition): GraphDefinition => {
  const signatures = Object.values(graph.signatures);
  const needed = neededFor(
    graph.nodes,
    signatures.flatMap(({ outputs, updates }) => [
      ...Object.values(outputs),
      ...updates.map(({ value }) => value),
    ]),
  );
  const declared = new Set(signatures.flatMap(({ inputs }) => inputs));
  const assigned = new Set(
    signatures.flatMap(({ updates }) => updates.map(({ variable }) => variable)),
  );
  const kept = graph.nodes.filter(
    (node, index) =>
      needed[index] ||
      (node.kind === 'placeholder' && declared.has(node.name)) ||
      (node.kind === 'variable' && assigned.has(node.name)),
  );
  if (kept.length === graph.nodes.length) return graph;
  const places = new Map(kept.map((node, place) => [node, place]));
  const moved = ({ node, output }: TensorRef): TensorRef => {
    const old = graph.nodes[node];
    return { node: (old && places.get(old)) ?? -1, output };
  };
  return {
    ...graph,
    nodes: kept.map((node) => (node.kind === 'kernel' ? mapInputs(node, moved) : node)),
    signatures: Object.fromEntries(
      Object.entries(graph.signatures).map(([name, signature]) => [
        name,
        mapSignature(signature, moved),
      ]),
    ),
  };
};
