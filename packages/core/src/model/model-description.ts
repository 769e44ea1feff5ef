import { StateError } from '../errors';
import type { MetricConfig } from '../metrics';
import { type Hyperparameters, parseHyperparameters } from './hyperparameters';

/** The signatures of a model's graph. */
export type SignatureName =
  | 'train'
  | 'evaluate'
  | 'predict'
  | 'evaluate_training'
  | 'predict_training';

/** A summary that a signature records. */
export interface DescribedSummary {
  readonly kind: 'scalar' | 'histogram' | 'images' | 'text';
  readonly tag: string;
  /** The text of a text summary; other kinds record an output of the graph. */
  readonly text?: string | undefined;
  /** The number of images to show; all if undefined. */
  readonly maxOutputs?: number | undefined;
}

/** Facts about a model that its graph does not contain. Plain JSON. */
export interface ModelDescription {
  /** The version of the tracer. Graphs that different versions traced can't be compared. */
  readonly tracer: number;
  readonly evaluates: boolean;
  readonly predicts: boolean;
  /** By name: the function of `metrics` that made it, and its configuration. */
  readonly metrics: Readonly<
    Record<string, { readonly kind: string; readonly config: MetricConfig }>
  >;
  readonly summaries: Readonly<Partial<Record<SignatureName, readonly DescribedSummary[]>>>;
  readonly optimizer: {
    readonly name: string;
    readonly hyperparameters: Hyperparameters;
    /** Whether hyperparameters are inputs of the training step; otherwise they are constants of the graph. */
    readonly takesScalars: boolean;
    /** The optimizer's variables, and the initial value of each one's elements. */
    readonly state: Readonly<Record<string, number>>;
  };
  /** Why a signature is missing in the graph. */
  readonly untraceable: Readonly<Partial<Record<SignatureName, string>>>;
}

/** Version 1 called `untraceable` refusals, and did not store a tracer version. */
const FORMAT_VERSION = 2;

/**
 * To be increased when models are traced into other graphs. In version 1 the learning rate was a constant;
 * version 2 updated by a centered RMSProp as tfjs does.
 */
export const TRACER_VERSION = 3;

/** The description as it is stored with the graph. */
export const stringifyDescription = (description: ModelDescription): string =>
  JSON.stringify({ version: FORMAT_VERSION, ...description });

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why a stored description is invalid: the path of the first wrong member. */
class InvalidMember extends Error {}

const invalid = (path: string): never => {
  throw new InvalidMember(path);
};

const fieldsAt = (value: unknown, path: string): Fields =>
  isFields(value) ? value : invalid(path);
const booleanAt = (value: unknown, path: string): boolean =>
  typeof value === 'boolean' ? value : invalid(path);
const stringAt = (value: unknown, path: string): string =>
  typeof value === 'string' ? value : invalid(path);
const numberAt = (value: unknown, path: string): number =>
  typeof value === 'number' ? value : invalid(path);
const recordAt = <T>(
  value: unknown,
  path: string,
  read: (member: unknown, path: string) => T,
): Record<string, T> =>
  Object.fromEntries(
    Object.entries(fieldsAt(value, path)).map(([name, member]) => [name, read(member, path)]),
  );

const summaryKinds = ['scalar', 'histogram', 'images', 'text'] as const;

const readSummary = (value: unknown, path: string): DescribedSummary => {
  const { kind, tag, text, maxOutputs } = fieldsAt(value, path);
  return {
    kind: summaryKinds.find((known) => known === kind) ?? invalid(path),
    tag: stringAt(tag, path),
    ...(text === undefined ? {} : { text: stringAt(text, path) }),
    ...(maxOutputs === undefined ? {} : { maxOutputs: numberAt(maxOutputs, path) }),
  };
};

const readSummaries = (value: unknown, path: string): DescribedSummary[] =>
  Array.isArray(value) ? value.map((summary) => readSummary(summary, path)) : invalid(path);

const readConfig = (value: unknown, path: string): MetricConfig =>
  recordAt(value, path, (member) =>
    member === null || ['number', 'string', 'boolean'].includes(typeof member)
      ? (member as number | string | boolean | null)
      : invalid(path),
  );

const readMetric = (value: unknown, path: string) => {
  const { kind, config } = fieldsAt(value, path);
  return { kind: stringAt(kind, path), config: readConfig(config, path) };
};

const readOptimizer = (value: unknown, version: number): ModelDescription['optimizer'] => {
  const fields = fieldsAt(value, 'optimizer');
  const state = recordAt(fields.state, 'optimizer', numberAt);
  const name = stringAt(fields.name, 'optimizer');
  if (version === 1)
    return { name, hyperparameters: parseHyperparameters(fields), takesScalars: false, state };
  return {
    name,
    hyperparameters: parseHyperparameters(fieldsAt(fields.hyperparameters, 'optimizer')),
    takesScalars: booleanAt(fields.takesScalars, 'optimizer'),
    state,
  };
};

const readDescription = (fields: Fields): ModelDescription => {
  const { version } = fields;
  if (version !== 1 && version !== FORMAT_VERSION) return invalid('version');
  const untraceable = version === 1 ? 'refusals' : 'untraceable';
  return {
    tracer: version === 1 ? 1 : numberAt(fields.tracer, 'tracer'),
    evaluates: booleanAt(fields.evaluates, 'evaluates'),
    predicts: booleanAt(fields.predicts, 'predicts'),
    metrics: recordAt(fields.metrics, 'metrics', readMetric),
    summaries: recordAt(fields.summaries, 'summaries', readSummaries),
    optimizer: readOptimizer(fields.optimizer, version),
    untraceable: recordAt(fields[untraceable], untraceable, stringAt),
  };
};

/**
 * Parses the description that a `.meta` file holds.
 *
 * @throws StateError when it is invalid, or was written by a newer version
 */
export const parseDescription = (value: unknown): ModelDescription => {
  const fields: Fields = isFields(value) ? value : {};
  const { version } = fields;
  const isNewer = typeof version === 'number' && version > FORMAT_VERSION;
  try {
    return readDescription(fields);
  } catch (error) {
    if (!(error instanceof InvalidMember)) throw error;
    throw new StateError({
      subject: "the model's description in a checkpoint's .meta file",
      expected: 'what saveCkpt() wrote',
      actual: isNewer ? `version ${version}` : `a wrong or missing "${error.message}"`,
      fix: isNewer
        ? 'It was written by a newer elistimator: upgrade to that version.'
        : 'Pass the modelFn as well; then the file is not needed.',
    });
  }
};
