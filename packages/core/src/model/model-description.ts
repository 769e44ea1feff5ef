import { StateError } from '../errors';
import type { MetricConfig } from '../metrics';

/** The ways to run a model that its graph holds. */
export type SignatureName =
  | 'train'
  | 'evaluate'
  | 'predict'
  | 'evaluate_training'
  | 'predict_training';

/** Something that `summary.*` records in a way to run the model. */
export interface DescribedSummary {
  readonly kind: 'scalar' | 'histogram' | 'images' | 'text';
  readonly tag: string;
  /** What text records; the other kinds record an output of the graph. */
  readonly text?: string | undefined;
  /** How many images of the output are shown; all without it. */
  readonly maxOutputs?: number | undefined;
}

/** What a graph of a model does not say by itself. Plain JSON. */
export interface ModelDescription {
  readonly version: 1;
  readonly evaluates: boolean;
  readonly predicts: boolean;
  /** By name: which function of `metrics` it is, and its configuration. */
  readonly metrics: Readonly<
    Record<string, { readonly kind: string; readonly config: MetricConfig }>
  >;
  readonly summaries: Readonly<Partial<Record<SignatureName, readonly DescribedSummary[]>>>;
  readonly optimizer: {
    readonly name: string;
    readonly learningRate?: number | undefined;
    /** The optimizer's variables, and the value that every element of one starts with. */
    readonly state: Readonly<Record<string, number>>;
  };
  /** Why a way to run the model is not in the graph. */
  readonly refusals: Readonly<Partial<Record<SignatureName, string>>>;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const everyValue = (value: unknown, holds: (inner: unknown) => boolean): boolean =>
  isFields(value) && Object.values(value).every(holds);

const kinds: readonly unknown[] = ['scalar', 'histogram', 'images', 'text'];

const isSummary = (value: unknown): boolean =>
  isFields(value) &&
  kinds.includes(value.kind) &&
  typeof value.tag === 'string' &&
  (value.text === undefined || typeof value.text === 'string') &&
  (value.maxOutputs === undefined || typeof value.maxOutputs === 'number');

const isMetric = (value: unknown): boolean =>
  isFields(value) && typeof value.kind === 'string' && isFields(value.config);

const isOptimizer = (value: unknown): boolean =>
  isFields(value) &&
  typeof value.name === 'string' &&
  everyValue(value.state, (initial) => typeof initial === 'number');

/**
 * Checks a description that was read from a file.
 *
 * @throws StateError when it is not one, or comes from a newer version
 */
export const parseDescription = (value: unknown): ModelDescription => {
  const fields: Fields = isFields(value) ? value : {};
  const isNewer = typeof fields.version === 'number' && fields.version > 1;
  const wrong = [
    [fields.version === 1, 'version'],
    [typeof fields.evaluates === 'boolean', 'evaluates'],
    [typeof fields.predicts === 'boolean', 'predicts'],
    [everyValue(fields.metrics, isMetric), 'metrics'],
    [
      everyValue(fields.summaries, (list) => Array.isArray(list) && list.every(isSummary)),
      'summaries',
    ],
    [isOptimizer(fields.optimizer), 'optimizer'],
    [everyValue(fields.refusals, (reason) => typeof reason === 'string'), 'refusals'],
  ].find(([valid]) => !valid);
  if (wrong === undefined) return fields as unknown as ModelDescription;
  throw new StateError({
    subject: "the model's description in a checkpoint's .meta file",
    expected: 'what saveCkpt() wrote',
    actual: isNewer ? `version ${fields.version}` : `a wrong or missing "${wrong[1]}"`,
    fix: isNewer
      ? 'It was written by a newer elistimator: install that one.'
      : 'Give the modelFn as well; then the file is not needed.',
  });
};
