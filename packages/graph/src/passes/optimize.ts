import { checkedFunction, kinds, required } from '@elistimator/internal';
import { sharingRewriter } from '../ir/fingerprint';
import { kernelInfo } from '../ir/kernels';
import { mapInputs, reachableFrom } from '../ir/references';
import { mapSignature, rewrite } from '../ir/rewrite';
import { equalTypes } from '../ir/symbolic-numbers';
import type { GraphDefinition, GraphNode, KernelNode, TensorRef } from '../ir/types';
import { foldConstants } from './fold-constants';
import { simplifyReshapes } from './simplify-reshapes';

const hasTypeOf = (nodes: readonly GraphNode[], ref: TensorRef, node: KernelNode): boolean => {
  const before = nodes[ref.node]?.outputs[ref.output];
  const after = node.outputs[0];
  return before !== undefined && after !== undefined && equalTypes(before, after);
};

/** Removes operations that change nothing: copies, and casts and reshapes to the type of the input. */
export const forwardIdentities = (graph: GraphDefinition): GraphDefinition =>
  rewrite(graph, (node, { nodes, add }) => {
    if (node.kind !== 'kernel' || !kernelInfo(node.kernel)?.copies) return add(node);
    const input = node.inputs.x;
    const isTensor = input !== null && input !== undefined && 'node' in input;
    return isTensor && hasTypeOf(nodes, input, node) ? [input] : add(node);
  });

/** Computes once what is computed several times from the same tensors in the same way. */
export const shareSubexpressions = (graph: GraphDefinition): GraphDefinition =>
  rewrite(graph, sharingRewriter());

/**
 * Removes operations that no output and no update of any signature needs. The placeholders that a
 * signature declares stay, and so do the variables that it assigns.
 */
export const removeDeadCode = (graph: GraphDefinition): GraphDefinition => {
  const signatures = Object.values(graph.signatures);
  const reached = reachableFrom(
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
  const live = graph.nodes.filter(
    (node, index) =>
      reached[index] ||
      (node.kind === 'placeholder' && declared.has(node.name)) ||
      (node.kind === 'variable' && assigned.has(node.name)),
  );
  if (live.length === graph.nodes.length) return graph;
  const indices = new Map(live.map((node, index) => [node, index]));
  const refOf = ({ node, output }: TensorRef): TensorRef => {
    const target = graph.nodes[node];
    return { node: (target && indices.get(target)) ?? -1, output };
  };
  return {
    ...graph,
    nodes: live.map((node) =>
      node.kind === 'kernel' ? { ...node, inputs: mapInputs(node.inputs, refOf) } : node,
    ),
    signatures: Object.fromEntries(
      Object.entries(graph.signatures).map(([name, signature]) => [
        name,
        mapSignature(signature, refOf),
      ]),
    ),
  };
};

/**
 * The same computation with fewer operations. Results stay the same bit for bit: nothing is reordered,
 * and only what every backend computes alike is computed in advance.
 */
export const optimize = checkedFunction(
  'optimize()',
  { graph: required(kinds.object) },
  (graph: GraphDefinition): GraphDefinition =>
    [
      simplifyReshapes,
      forwardIdentities,
      foldConstants,
      shareSubexpressions,
      removeDeadCode,
    ].reduce((simplified, pass) => pass(simplified), graph),
);
