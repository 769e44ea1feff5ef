import { NotReadyError } from '../errors';
import type { GraphedModel } from '../model/graph-program';
import { decodeModel } from '../model/model-file';
import { StoredModel } from '../model/stored-model';

/**
 * The model of a directory, without its code.
 *
 * @param bytes the `.meta` file of a checkpoint; undefined when no checkpoint has one
 * @throws NotReadyError when the directory holds no graph that runs
 */
export const storedModel = (bytes: Uint8Array | undefined, seed: number): StoredModel => {
  if (bytes === undefined) {
    throw new NotReadyError(
      'fromDisk(): expected a modelFn, or a checkpoint with its graph in a .meta file, got neither. Give the modelFn that the model was trained with.',
    );
  }
  const model = decodeModel(bytes);
  if (Object.keys(model.graph.signatures).length === 0) {
    const [reason] = Object.values(model.description.refusals);
    throw new NotReadyError(
      `fromDisk(): expected a modelFn, since the directory's model is code only, got none. ${reason} Give the modelFn that it was trained with.`,
    );
  }
  return new StoredModel(model, seed);
};

/** So many names are told of what differs. */
const MOST_NAMES = 5;

const listed = (names: readonly string[]): string => {
  const rest = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return rest > 0 ? `${shown} and ${rest} more` : shown;
};

const operationsOf = ({ graph }: GraphedModel): ReadonlySet<string> =>
  new Set(graph.operations.map(({ name, type }) => `${name} (${type})`));

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
  const [before, after] = [operationsOf(saved), operationsOf(current)];
  const added = [...after].filter((operation) => !before.has(operation));
  const gone = [...before].filter((operation) => !after.has(operation));
  if (added.length + gone.length === 0) return undefined;
  const parts = [
    ...(added.length > 0 ? [`it adds ${listed(added)}`] : []),
    ...(gone.length > 0 ? [`it lacks ${listed(gone)}`] : []),
  ];
  return `The modelFn differs from the graph in the directory, and is used in its place: ${parts.join('; ')}.`;
};
