import { GraphMergeError } from './errors';
import { sharingRewriter } from './fingerprint';
import { NodeList, type NodeRewriter, rewriteInto } from './rewrite';
import { equalTypes, formatType } from './symbolic-numbers';
import type { GraphDefinition, GraphNode, PlaceholderNode, Signature, VariableNode } from './types';

/** A node that graphs share by name. */
type NamedNode = PlaceholderNode | VariableNode;

const isNamed = (node: GraphNode): node is NamedNode =>
  node.kind === 'placeholder' || node.kind === 'variable';

const describe = ({ kind, outputs: [type] }: NamedNode): string => `${kind} of ${formatType(type)}`;

const assertSame = (first: NamedNode, second: NamedNode): void => {
  if (first.kind === second.kind && equalTypes(first.outputs[0], second.outputs[0])) return;
  throw new GraphMergeError({
    subject: `"${first.name}" in the graphs to merge`,
    expected: `the same in each graph: a ${describe(first)}`,
    actual: `a ${describe(second)} as well`,
    fix: 'Rename one of the two.',
  });
};

/** The name, or the first of `name_1`, `name_2` … that is free. */
const freeName = (name: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(name)) return name;
  let count = 1;
  while (taken.has(`${name}_${count}`)) count++;
  return `${name}_${count}`;
};

/** The placeholders and variables of all graphs, which keep their names. */
const namedNodes = (graphs: readonly GraphDefinition[]): Map<string, NamedNode> => {
  const named = new Map<string, NamedNode>();
  for (const node of graphs.flatMap(({ nodes }) => nodes).filter(isNamed)) {
    const first = named.get(node.name);
    if (first) assertSame(first, node);
    else named.set(node.name, node);
  }
  return named;
};

/**
 * One graph with the signatures of all graphs. Placeholders and variables are shared by name, and what
 * several graphs compute alike is computed once, under the name that the first graph has for it. Other
 * operations with the same name get `_1`, `_2` … as in TensorFlow.
 *
 * @throws GraphMergeError if two signatures have one name, or a placeholder or variable differs
 */
export const mergeDefinitions = (graphs: readonly GraphDefinition[]): GraphDefinition => {
  const taken = new Set<string>(namedNodes(graphs).keys());
  const target = new NodeList();
  const share = sharingRewriter();
  const rewriteNode: NodeRewriter = (node, { nodes, add }) =>
    share(node, {
      nodes,
      add(first) {
        const name = isNamed(first) ? first.name : freeName(first.name, taken);
        taken.add(name);
        return add({ ...first, name });
      },
    });
  const signatures: Record<string, Signature> = {};
  for (const graph of graphs) {
    for (const [name, signature] of Object.entries(rewriteInto(target, graph, rewriteNode))) {
      if (Object.hasOwn(signatures, name)) {
        throw new GraphMergeError({
          subject: 'the signatures of the graphs to merge',
          expected: 'unique names',
          actual: `"${name}" twice`,
          fix: 'Trace each graph under another name: trace(fn, inputs, { name }).',
        });
      }
      signatures[name] = signature;
    }
  }
  return { nodes: target.nodes, signatures };
};
