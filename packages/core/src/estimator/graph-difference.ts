import type { GraphNode } from '@elistimator/graph';
import type { GraphedModel } from '../model/graph-program';
import { decodeModel, encodeModel } from '../model/model-file';

/** So many names are told of what differs. */
const MOST_NAMES = 5;

const listed = (names: readonly string[]): string => {
  const rest = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return rest > 0 ? `${shown} and ${rest} more` : shown;
};

const plain = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;

/** What a node holds by itself: values, attributes, shapes. Its inputs are told by place, which shifts. */
const contentOf = (node: GraphNode): string =>
  JSON.stringify(node.kind === 'kernel' ? { ...node, inputs: undefined } : node, plain);

/** From an operation's name and type to what it holds. */
const operationsOf = ({ graph }: GraphedModel): ReadonlyMap<string, string> =>
  new Map(
    graph.operations.map(({ name, type }, place) => {
      const node = graph.nodes[place];
      return [`${name} (${type})`, node ? contentOf(node) : ''];
    }),
  );

/**
 * How a model function differs from the graph that the directory holds; undefined when it does not,
 * or when that graph can't be read, which a model function does not need.
 */
export const graphDifference = (bytes: Uint8Array, current: GraphedModel): string | undefined => {
  let saved: GraphedModel;
  try {
    saved = decodeModel(bytes);
  } catch (error) {
    return `The graph in the directory can't be read: ${error instanceof Error ? error.message : error} The modelFn is used.`;
  }
  const before = operationsOf(saved);
  // By way of a file as well, so that both hold numbers in the same form.
  const after = operationsOf(decodeModel(encodeModel(current)));
  const named: readonly (readonly [verb: string, operations: readonly string[]])[] = [
    ['adds', [...after.keys()].filter((name) => !before.has(name))],
    ['lacks', [...before.keys()].filter((name) => !after.has(name))],
    [
      'changes',
      [...after.keys()].filter((name) => (before.get(name) ?? after.get(name)) !== after.get(name)),
    ],
  ];
  const parts = named
    .filter(([, names]) => names.length > 0)
    .map(([verb, names]) => `it ${verb} ${listed(names)}`);
  if (parts.length === 0) return undefined;
  return `The modelFn differs from the graph in the directory, and is used in its place: ${parts.join('; ')}.`;
};
