import { newEmitter, type Place, placeAll } from '../passes/rewrite';
import { sharing } from '../passes/share-subexpressions';
import { GraphMergeError } from './errors';
import { equalSized, formatSized } from './sized';
import type { GraphDefinition, GraphNode, PlaceholderNode, Signature, VariableNode } from './types';

type Shared = PlaceholderNode | VariableNode;

const isShared = (node: GraphNode): node is Shared =>
  node.kind === 'placeholder' || node.kind === 'variable';

const formatSpec = ({ kind, outputs: [{ dtype, shape }] }: Shared): string =>
  `${kind} of ${dtype} [${shape.map(formatSized).join(', ')}]`;

const checkSame = (first: Shared, second: Shared): void => {
  const [left, right] = [first.outputs[0], second.outputs[0]];
  const same =
    first.kind === second.kind &&
    left.dtype === right.dtype &&
    left.shape.length === right.shape.length &&
    left.shape.every((dimension, axis) => equalSized(dimension, right.shape[axis] ?? Number.NaN));
  if (same) return;
  throw new GraphMergeError({
    subject: `"${first.name}" of graphs to be merged`,
    expected: `the same in each: a ${formatSpec(first)}`,
    actual: `also a ${formatSpec(second)}`,
    fix: 'Give different things different names.',
  });
};

/** The name itself, or the first of `name_1`, `name_2` … that is not taken. */
const freeName = (name: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(name)) return name;
  let count = 1;
  while (taken.has(`${name}_${count}`)) count++;
  return `${name}_${count}`;
};

/** Placeholders and variables keep their names, whatever graph they come from. */
const reservedNames = (graphs: readonly GraphDefinition[]): Map<string, Shared> => {
  const reserved = new Map<string, Shared>();
  for (const node of graphs.flatMap(({ nodes }) => nodes).filter(isShared)) {
    const first = reserved.get(node.name);
    if (first) checkSame(first, node);
    else reserved.set(node.name, node);
  }
  return reserved;
};

/**
 * One graph with the signatures of all. Placeholders and variables of one name become one; what the
 * graphs compute alike is computed once, under the first graph's name; other operations of one name
 * get `_1`, `_2` … as in TensorFlow.
 *
 * @throws GraphMergeError when a signature's name comes twice, or a placeholder or variable differs
 */
export const mergeDefinitions = (graphs: readonly GraphDefinition[]): GraphDefinition => {
  const reserved = reservedNames(graphs);
  const taken = new Set<string>(reserved.keys());
  const emitter = newEmitter();
  const share = sharing();
  const place: Place = (node, target) =>
    share(node, {
      nodes: target.nodes,
      emit(fresh) {
        const name = isShared(fresh) ? fresh.name : freeName(fresh.name, taken);
        taken.add(name);
        return target.emit({ ...fresh, name });
      },
    });
  const signatures: Record<string, Signature> = {};
  for (const graph of graphs) {
    for (const [name, signature] of Object.entries(placeAll(graph, emitter, place))) {
      if (Object.hasOwn(signatures, name)) {
        throw new GraphMergeError({
          subject: 'the signatures of graphs to be merged',
          expected: 'each name once',
          actual: `"${name}" twice`,
          fix: 'Trace each graph under a name of its own: trace(fn, inputs, { name }).',
        });
      }
      signatures[name] = signature;
    }
  }
  return { nodes: emitter.nodes, signatures };
};
