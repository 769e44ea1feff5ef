import { Graph } from '@elistimator/graph';
import { StateError } from '../errors';
import { parseDescription, stringifyDescription } from '../model/model-description';
import type { TracedModel } from '../model/model-program';

/** The key of the description in a graph's metadata. */
const KEY = 'elistimator_model';

/** Encoded models, since a model's graph rarely changes between two saves. */
const encoded = new WeakMap<TracedModel, Uint8Array>();

/** Encodes a model as the bytes of a `.meta` file. */
export const encodeModel = (model: TracedModel): Uint8Array => {
  const cached = encoded.get(model);
  if (cached !== undefined) return cached;
  const { graph, description } = model;
  const bytes = graph.withMetadata({ [KEY]: stringifyDescription(description) }).toBytes();
  encoded.set(model, bytes);
  return bytes;
};

const parseJson = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
};

/**
 * Decodes the bytes of a `.meta` file.
 *
 * @throws GraphFormatError or StateError when they hold no model, or one of a newer version
 */
export const decodeModel = (bytes: Uint8Array): TracedModel => {
  const graph = Graph.fromBytes(bytes);
  const model = { graph, description: parseDescription(parseJson(graph.metadata[KEY])) };
  assertSignatures(model);
  return model;
};

/** Each signature must be in the graph, or the reason why it is not. */
const assertSignatures = ({
  graph: { signatures },
  description: { evaluates, predicts, untraceable },
}: TracedModel): void => {
  const needed = ['train', ...(evaluates ? ['evaluate'] : []), ...(predicts ? ['predict'] : [])];
  const missing = needed.find(
    (name) => !Object.hasOwn(signatures, name) && !Object.hasOwn(untraceable, name),
  );
  if (missing === undefined) return;
  throw new StateError({
    subject: "the graph in a checkpoint's .meta file",
    expected: `a signature "${missing}", or the reason why there is none`,
    actual: Object.keys(signatures).join(', ') || 'none',
    fix: 'Pass the modelFn as well; then the file is not needed.',
  });
};
