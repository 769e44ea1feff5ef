import { FeedError, type Graph, mixSeed } from '@elistimator/graph';
import type * as tf from '@tensorflow/tfjs';
import { MissingFeatureError, NotReadyError, StateError } from '../errors';
import type { ModelDescription, SignatureName } from './model-description';
import type { FeatureTensors, ModelBatch } from './runnable-model';
import type { SummaryRecorder } from './summary-recorder';

/** A model as a graph, and what the graph does not say by itself. */
export interface GraphedModel {
  readonly graph: Graph;
  readonly description: ModelDescription;
}

/** What one run gave; the caller disposes all of it. */
export interface ProgramResult {
  readonly outputs: Readonly<Record<string, tf.Tensor>>;
  /** New values of variables, by name. */
  readonly updates: Readonly<Record<string, tf.Tensor>>;
}

const signatureNames = {
  evaluate: { true: 'evaluate_training', false: 'evaluate' },
  predict: { true: 'predict_training', false: 'predict' },
} as const;

/** The name of the way to run the model in evaluation or prediction. */
export const signatureNameOf = (
  kind: 'evaluate' | 'predict',
  isTraining: boolean,
): Exclude<SignatureName, 'train'> => signatureNames[kind][`${isTraining}`];

/** Runs the graph of a model on variables that live elsewhere. */
export class GraphProgram {
  readonly model: GraphedModel;
  readonly #seed: number;
  readonly #variables: () => ReadonlyMap<string, tf.Variable>;

  /**
   * @param seed what all random numbers follow from
   * @param variables the model's and the optimizer's variables as they are now, by name
   */
  constructor(
    model: GraphedModel,
    seed: number,
    variables: () => ReadonlyMap<string, tf.Variable>,
  ) {
    this.model = model;
    this.#seed = seed;
    this.#variables = variables;
  }

  /** Whether the graph holds this way to run the model. */
  holds(run: SignatureName): boolean {
    return Object.hasOwn(this.model.graph.signatures, run);
  }

  /**
   * @param batch its features may be a part of the signature, as long as the run needs no others
   * @throws NotReadyError when the graph does not hold this way to run the model
   * @throws MissingFeatureError when it needs a feature that the batch does not have
   */
  run(run: SignatureName, { features, seed, summaries }: ModelBatch): ProgramResult {
    const { graph, description } = this.model;
    if (!this.holds(run)) {
      const reason = description.refusals[run] ?? 'it is not in the graph';
      throw new NotReadyError(
        `The model's graph has no "${run}": ${reason} Give the modelFn, with which it runs as code.`,
      );
    }
    const result = withMissingFeature(features, () =>
      graph.runSignature(run, this.#feeds(features), this.#options(seed)),
    );
    return { ...result, outputs: this.#record(run, result.outputs, summaries) };
  }

  /**
   * Tensors by their names in the graph. Where ways to run the model share the name of an output,
   * as `loss`, it is that of prediction, else of evaluation.
   *
   * @param seed where random draws start
   * @returns tensors in the order of the names, which the caller disposes
   */
  fetch(
    names: readonly string[],
    features: FeatureTensors,
    seed: readonly (number | string)[],
  ): tf.Tensor[] {
    const named = names.map((name) => this.#tensorName(name));
    return withMissingFeature(features, () =>
      this.model.graph.run(named, this.#feeds(features), this.#options(seed)),
    );
  }

  #tensorName(name: string): string {
    const { graph } = this.model;
    if (graph.nodes.some((node) => node.name === name)) return name;
    const run = (['predict', 'evaluate'] as const).find((owner) =>
      Object.hasOwn(graph.signatures[owner]?.outputs ?? {}, name),
    );
    return run === undefined ? name : `${run}/${name}`;
  }

  /** A feature that nothing in the model needs is not in its graph. */
  #feeds(features: FeatureTensors): FeatureTensors {
    const { placeholders } = this.model.graph;
    return Object.fromEntries(
      placeholders.flatMap(({ name }) => {
        const tensor = Object.hasOwn(features, name) ? features[name] : undefined;
        return tensor === undefined ? [] : [[name, tensor]];
      }),
    );
  }

  #options(seed: readonly (number | string)[]) {
    return { variables: this.#variables(), seed: mixSeed(this.#seed, ...seed) };
  }

  /**
   * Runs a training step and assigns the variables.
   *
   * @returns the loss, which the caller disposes
   */
  train(batch: ModelBatch): tf.Scalar {
    const { outputs, updates } = this.run('train', batch);
    const variables = this.#variables();
    for (const [name, value] of Object.entries(updates)) {
      variables.get(name)?.assign(value);
      value.dispose();
    }
    return lossOf(outputs);
  }

  /** Hands summaries to the recorder; what is left are the other outputs. */
  #record(
    run: SignatureName,
    outputs: Readonly<Record<string, tf.Tensor>>,
    recorder: SummaryRecorder | undefined,
  ): Record<string, tf.Tensor> {
    const rest = { ...outputs };
    const summaries = this.model.description.summaries[run] ?? [];
    summaries.forEach(({ kind, tag, text, maxOutputs = Number.POSITIVE_INFINITY }, index) => {
      if (kind === 'text') {
        recorder?.text(tag, text ?? '');
        return;
      }
      const name = summaryOutput(index);
      const value = rest[name];
      delete rest[name];
      if (value === undefined) return;
      if (kind === 'images') recorder?.images(tag, value, maxOutputs);
      else recorder?.tensor(kind, tag, value);
      value.dispose();
    });
    return rest;
  }
}

/** A feature that a run lacks is called a feature, as everywhere. */
const withMissingFeature = <T>(features: FeatureTensors, run: () => T): T => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FeedError) || error.placeholder === undefined) throw error;
    if (Object.hasOwn(features, error.placeholder)) throw error;
    throw new MissingFeatureError(error.placeholder, Object.keys(features), { cause: error });
  }
};

/** The graph's output that holds what the run's nth summary records. */
export const summaryOutput = (index: number): string => `summaries/${index}`;

/** The graph's output that holds one total of a metric. */
export const metricOutput = (metric: string, total: string): string => `metrics/${metric}/${total}`;

/** The totals of a metric among a run's outputs. */
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
 * The loss among a run's outputs.
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
    fix: 'Give the modelFn as well; then the file is not needed.',
  });
};
