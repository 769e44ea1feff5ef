import { FeedError, type Graph, mixSeed } from '@elistimator/graph';
import type * as tf from '@tensorflow/tfjs';
import { MissingFeatureError, NotReadyError, StateError } from '../errors';
import type { SummaryRecorder } from '../scope/summary-recorder';
import { SCALAR_PREFIX } from './hyperparameters';
import type { FeatureTensors, SeedPath, StepInputs } from './model';
import type { ModelDescription, SignatureName } from './model-description';
import type { ScalarInputs } from './optimizer-updates';

/** A model as a graph, and the facts about it that the graph does not contain. */
export interface TracedModel {
  readonly graph: Graph;
  readonly description: ModelDescription;
}

/** The results of one call of a signature. The caller disposes them. */
export interface ProgramResult {
  readonly outputs: Readonly<Record<string, tf.Tensor>>;
  /** New values of variables, by name. */
  readonly updates: Readonly<Record<string, tf.Tensor>>;
}

const signatureNames = {
  evaluate: { true: 'evaluate_training', false: 'evaluate' },
  predict: { true: 'predict_training', false: 'predict' },
} as const;

/** The signature that evaluates or predicts. */
export const signatureNameOf = (
  kind: 'evaluate' | 'predict',
  isTraining: boolean,
): Exclude<SignatureName, 'train'> => signatureNames[kind][`${isTraining}`];

interface ProgramOptions {
  /** Determines all random numbers, together with the seed paths of calls. */
  readonly seed: number;
  /** The current variables of the model and the optimizer, by name. */
  readonly variables: () => ReadonlyMap<string, tf.Variable>;
}

/** Runs the graph of a model on variables that live elsewhere. */
export class ModelProgram {
  readonly traced: TracedModel;
  readonly #options: ProgramOptions;
  /** Names of placeholders for features, and for a step's scalars without their prefix. */
  readonly #features: readonly string[];
  readonly #scalars: readonly string[];

  constructor(traced: TracedModel, options: ProgramOptions) {
    this.traced = traced;
    this.#options = options;
    const names = traced.graph.placeholders.map(({ name }) => name);
    const isScalar = (name: string) =>
      traced.description.optimizer.takesScalars && name.startsWith(SCALAR_PREFIX);
    this.#features = names.filter((name) => !isScalar(name));
    this.#scalars = names.filter(isScalar).map((name) => name.slice(SCALAR_PREFIX.length));
  }

  /** The names of the features that a training step needs. */
  get trainFeatures(): readonly string[] {
    const inputs = this.traced.graph.signatures.train?.inputs ?? [];
    return inputs.filter((name) => this.#features.includes(name));
  }

  hasSignature(name: SignatureName): boolean {
    return Object.hasOwn(this.traced.graph.signatures, name);
  }

  /**
   * @param inputs their features may be some of the input signature's, if the signature needs no others
   * @throws NotReadyError when the graph has no such signature
   * @throws MissingFeatureError when the signature needs a feature that is absent
   */
  run(name: SignatureName, { features, seedPath, summaries }: StepInputs): ProgramResult {
    this.#assertSignature(name);
    const result = withMissingFeature(features, () =>
      this.traced.graph.runSignature(name, this.#featureFeeds(features), this.#context(seedPath)),
    );
    return { ...result, outputs: this.#record(name, result.outputs, summaries) };
  }

  /**
   * Runs a training step and assigns the new values to the variables: all of them, or none.
   *
   * @param scalars the step's scalars as tensors
   * @returns the loss, which the caller disposes
   */
  train({ features, seedPath, summaries }: StepInputs, scalars: ScalarInputs): tf.Scalar {
    this.#assertSignature('train');
    const feeds = this.#featureFeeds(features);
    this.#addScalars(feeds, scalars);
    const { outputs } = withMissingFeature(features, () =>
      this.traced.graph.runSignature('train', feeds, { ...this.#context(seedPath), commit: true }),
    );
    return lossOf(this.#record('train', outputs, summaries));
  }

  /**
   * Computes tensors by name. A name of an output that several signatures share, such as `loss`, refers
   * to that of prediction, or else to that of evaluation.
   *
   * @param scalars a step's scalars as tensors, for tensors of the training step
   * @returns tensors in the order of the names, which the caller disposes
   */
  fetch(
    names: readonly string[],
    features: FeatureTensors,
    scalars: ScalarInputs,
    seedPath: SeedPath,
  ): tf.Tensor[] {
    const tensorNames = names.map((name) => this.#tensorName(name));
    const feeds = this.#featureFeeds(features);
    this.#addScalars(feeds, scalars);
    return withMissingFeature(features, () =>
      this.traced.graph.run(tensorNames, feeds, this.#context(seedPath)),
    );
  }

  #assertSignature(name: SignatureName): void {
    if (this.hasSignature(name)) return;
    const reason = this.traced.description.untraceable[name] ?? 'it is not in the graph.';
    throw new NotReadyError(
      `The model's graph has no "${name}": ${reason} Pass the modelFn, which then runs as code.`,
    );
  }

  #tensorName(name: string): string {
    const { graph } = this.traced;
    if (graph.nodes.some((node) => node.name === name)) return name;
    const owner = (['predict', 'evaluate'] as const).find((signature) =>
      Object.hasOwn(graph.signatures[signature]?.outputs ?? {}, name),
    );
    return owner === undefined ? name : `${owner}/${name}`;
  }

  /** The features that the graph needs; those that nothing in the model uses are not in it. */
  #featureFeeds(features: FeatureTensors): Record<string, tf.Tensor> {
    const feeds: Record<string, tf.Tensor> = {};
    for (const name of this.#features) {
      const tensor = Object.hasOwn(features, name) ? features[name] : undefined;
      if (tensor !== undefined) feeds[name] = tensor;
    }
    return feeds;
  }

  /** Adds the scalars that the graph takes; one of an earlier version, or of a custom optimizer, takes none. */
  #addScalars(feeds: Record<string, tf.Tensor>, scalars: ScalarInputs): void {
    for (const name of this.#scalars) {
      const tensor = scalars[name];
      if (tensor !== undefined) feeds[SCALAR_PREFIX + name] = tensor;
    }
  }

  #context(seedPath: SeedPath) {
    const { variables, seed } = this.#options;
    return { variables: variables(), seed: mixSeed(seed, ...seedPath) };
  }

  /** Passes summaries to the recorder; returns the other outputs. */
  #record(
    name: SignatureName,
    outputs: Readonly<Record<string, tf.Tensor>>,
    recorder: SummaryRecorder | undefined,
  ): Readonly<Record<string, tf.Tensor>> {
    const summaries = this.traced.description.summaries[name] ?? [];
    if (summaries.length === 0) return outputs;
    const rest = { ...outputs };
    summaries.forEach(({ kind, tag, text, maxOutputs = Number.POSITIVE_INFINITY }, index) => {
      if (kind === 'text') {
        recorder?.text(tag, text ?? '');
        return;
      }
      const output = summaryOutput(index);
      const value = rest[output];
      delete rest[output];
      if (value === undefined) return;
      if (kind === 'images') recorder?.images(tag, value, maxOutputs);
      else recorder?.tensor(kind, tag, value);
      value.dispose();
    });
    return rest;
  }
}

/** Reports a placeholder that was not fed as a missing feature. */
const withMissingFeature = <T>(features: FeatureTensors, run: () => T): T => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FeedError) || error.placeholder === undefined) throw error;
    if (Object.hasOwn(features, error.placeholder)) throw error;
    throw new MissingFeatureError(error.placeholder, Object.keys(features), { cause: error });
  }
};

/** The output of a signature with its nth summary. */
export const summaryOutput = (index: number): string => `summaries/${index}`;

/** The output of a signature with one total of a metric. */
export const metricOutput = (metric: string, total: string): string => `metrics/${metric}/${total}`;

/** The totals of a metric among the outputs of a signature. */
export const metricTotals = (
  outputs: Readonly<Record<string, tf.Tensor>>,
  metric: string,
): Record<string, tf.Tensor> => {
  const prefix = metricOutput(metric, '');
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
};

/**
 * The loss among the outputs of a signature.
 *
 * @throws StateError when a graph from a file has none
 */
export const lossOf = (outputs: Readonly<Record<string, tf.Tensor>>): tf.Scalar => {
  const { loss } = outputs;
  if (loss !== undefined) return loss as tf.Scalar;
  throw new StateError({
    subject: "the graph in a checkpoint's .meta file",
    expected: 'an output "loss"',
    actual: Object.keys(outputs).join(', ') || 'none',
    fix: 'Pass the modelFn as well; then the file is not needed.',
  });
};
