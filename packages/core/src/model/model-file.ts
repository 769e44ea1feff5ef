import { Graph } from '@elistimator/graph';
import { StateError } from '../errors';
import type { GraphedModel } from './graph-program';
import { type ModelDescription, parseDescription } from './model-description';

/** Under which name a graph's metadata has the description. */
const KEY = 'elistimator_model';

/** A model's graph does not change between two saves as a rule. */
const encoded = new WeakMap<GraphedModel, Uint8Array>();

/** A model as the bytes of a `.meta` file. */
export const encodeModel = (model: GraphedModel): Uint8Array => {
  const known = encoded.get(model);
  if (known !== undefined) return known;
  const { graph, description } = model;
  const bytes = graph.withMetadata({ [KEY]: JSON.stringify(description) }).toBytes();
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
 * A model from the bytes of a `.meta` file.
 *
 * @throws GraphFormatError or StateError when they are none, or of a newer version
 */
export const decodeModel = (bytes: Uint8Array): GraphedModel => {
  const graph = Graph.fromBytes(bytes);
  const description = parseDescription(parseJson(graph.metadata[KEY]));
  checkSignatures(graph, description);
  return { graph, description };
};

/** Every way to run the model has to be there, or the reason why it is not. */
const checkSignatures = (
  { signatures }: Graph,
  { evaluates, predicts, refusals }: ModelDescription,
): void => {
  const needed = ['train', ...(evaluates ? ['evaluate'] : []), ...(predicts ? ['predict'] : [])];
  const missing = needed.find(
    (name) => !Object.hasOwn(signatures, name) && !Object.hasOwn(refusals, name),
  );
  if (missing === undefined) return;
  throw new StateError({
    subject: "the graph in a checkpoint's .meta file",
    expected: `a signature "${missing}", or why there is none`,
    actual: Object.keys(signatures).join(', ') || 'none',
    fix: 'Give the modelFn as well; then the file is not needed.',
  });
};
