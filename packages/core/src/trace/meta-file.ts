import { Graph } from '@elistimator/graph';
import { StateError } from '../errors';
import { parseDescription, stringifyDescription } from '../model/model-description';
import type { TracedModel } from '../model/model-program';

/** The keys of the description, and of the run, in a graph's metadata. */
const MODEL_KEY = 'elistimator_model';
const RUN_KEY = 'elistimator_run';

/** Encoded models, since a model's graph rarely changes between two saves. */
const encoded = new WeakMap<TracedModel, { readonly run: string; readonly bytes: Uint8Array }>();

/**
 * Encodes a model as the bytes of a `.meta` file.
 *
 * @param lasting JSON of the run, with which the file is enough to start again; see `StoredRun`
 */
export const encodeModel = (model: TracedModel, lasting?: unknown): Uint8Array => {
  const run = lasting === undefined ? '' : JSON.stringify(lasting);
  const cached = encoded.get(model);
  if (cached?.run === run) return cached.bytes;
  const { graph, description } = model;
  const metadata = {
    [MODEL_KEY]: stringifyDescription(description),
    ...(run !== '' && { [RUN_KEY]: run }),
  };
  const bytes = graph.withMetadata(metadata).toBytes();
  encoded.set(model, { run, bytes });
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
  const model = { graph, description: parseDescription(parseJson(graph.metadata[MODEL_KEY])) };
  assertSignatures(model);
  return model;
};

/** The JSON of the run in a decoded model; undefined in a file of an earlier version. */
export const storedRunIn = ({ graph }: TracedModel): unknown => parseJson(graph.metadata[RUN_KEY]);

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
