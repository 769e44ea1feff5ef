import type { GraphNode } from '@elistimator/graph';
import { reasonOf } from '@elistimator/internal';
import type { TracedModel } from '../model/model-program';
import { decodeModel, encodeModel } from './meta-file';

/** The maximum number of names in a message. */
const MAX_NAMES = 5;

const listed = (names: readonly string[]): string => {
  const rest = names.length - MAX_NAMES;
  const shown = names.slice(0, MAX_NAMES).join(', ');
  return rest > 0 ? `${shown} and ${rest} more` : shown;
};

const plain = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;

/** A node's values, attributes and shapes, without its inputs, which are indices that shift. */
const contentOf = (node: GraphNode): string =>
  JSON.stringify(node.kind === 'kernel' ? { ...node, inputs: undefined } : node, plain);

/** Maps each operation's name and type to its content. */
const operationsOf = ({ graph }: TracedModel): ReadonlyMap<string, string> =>
  new Map(
    graph.operations.map(({ name, type }, index) => {
      const node = graph.nodes[index];
      return [`${name} (${type})`, node ? contentOf(node) : ''];
    }),
  );

/**
 * Describes how a model function differs from the graph in the directory.
 *
 * @returns a message, also if that graph can't be read; undefined if they are the same, or if an earlier
 *   version traced the graph, so that the same function gives another one
 */
export const graphDifference = (bytes: Uint8Array, current: TracedModel): string | undefined => {
  let saved: TracedModel;
  try {
    saved = decodeModel(bytes);
  } catch (error) {
    return `The graph in the directory can't be read: ${reasonOf(error)} The modelFn is used.`;
  }
  if (saved.description.tracer !== current.description.tracer) return undefined;
  const before = operationsOf(saved);
  // Encoded and decoded as well, so that both hold numbers in the same form.
  const after = operationsOf(decodeModel(encodeModel(current)));
  const differences: readonly (readonly [verb: string, operations: readonly string[]])[] = [
    ['adds', [...after.keys()].filter((name) => !before.has(name))],
    ['lacks', [...before.keys()].filter((name) => !after.has(name))],
    [
      'changes',
      [...after.keys()].filter((name) => (before.get(name) ?? after.get(name)) !== after.get(name)),
    ],
  ];
  const parts = differences
    .filter(([, names]) => names.length > 0)
    .map(([verb, names]) => `it ${verb} ${listed(names)}`);
  if (parts.length === 0) return undefined;
  return `The modelFn differs from the graph in the directory, and is used in its place: ${parts.join('; ')}.`;
};
