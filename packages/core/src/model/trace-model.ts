import { Graph, type InputSpec, TraceError, trace } from '@elistimator/graph';
import * as tf from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';
import type { FeatureRanges } from './feature-ranges';
import { type GraphedModel, metricOutput, signatureNameOf, summaryOutput } from './graph-program';
import type { Model } from './model';
import type { DescribedSummary, ModelDescription, SignatureName } from './model-description';
import type { FeatureTensors, ModelBatch, ModelSpecs } from './runnable-model';
import { type RecordedSummary, SummaryRecorder } from './summary-recorder';

/** What one way to run the model gives while it is traced. */
interface TracedRun {
  readonly outputs: Record<string, tf.Tensor>;
  readonly summaries?: readonly DescribedSummary[];
}

/** Traces one model, way by way. */
class ModelTracer {
  readonly #model: Model;
  readonly #signature: InputSignature;
  readonly #ranges: FeatureRanges;
  readonly #metrics: Record<string, ModelDescription['metrics'][string]> = {};
  readonly #summaries: Partial<Record<SignatureName, readonly DescribedSummary[]>> = {};
  readonly #refusals: Partial<Record<SignatureName, string>> = {};
  readonly #graphs: Graph[] = [];

  constructor(model: Model, signature: InputSignature, ranges: FeatureRanges) {
    this.#model = model;
    this.#signature = signature;
    this.#ranges = ranges;
  }

  trace({ evaluates, predicts }: ModelSpecs): GraphedModel {
    // Names without a number go to whatever comes first: to what people fetch.
    for (const isTraining of [false, true]) {
      if (predicts) {
        this.#run(signatureNameOf('predict', isTraining), (features) => ({
          outputs: this.#model.predict(this.#batch(features, isTraining)),
        }));
      }
      if (evaluates) {
        this.#run(signatureNameOf('evaluate', isTraining), (features) =>
          this.#evaluate(features, isTraining),
        );
      }
      if (!isTraining) this.#run('train', (features) => this.#train(features));
    }
    const description: ModelDescription = {
      version: 1,
      evaluates,
      predicts,
      metrics: this.#metrics,
      summaries: this.#summaries,
      optimizer: this.#model.describeOptimizer(),
      refusals: this.#refusals,
    };
    return { graph: Graph.merge(this.#graphs), description };
  }

  #run(name: SignatureName, fn: (features: FeatureTensors) => TracedRun): void {
    const traced = (features: FeatureTensors) => {
      const { outputs, summaries = [] } = fn(features);
      this.#summaries[name] = summaries;
      return outputs;
    };
    const attempt = (ranges: FeatureRanges) =>
      this.#named(trace(traced, this.#inputs(ranges), { name, variableName: this.#name }));
    try {
      this.#graphs.push(this.#withLikelyData(attempt));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // The code ran on real data before; what it makes of a trace's made-up data is its own affair.
      this.#refusals[name] =
        error instanceof TraceError
          ? message
          : `Can't be traced: it fails on made-up data: ${message}`;
    }
  }

  /** Indices that start at 1 are none that a trace makes up by itself. */
  #withLikelyData(attempt: (ranges: FeatureRanges) => Graph): Graph {
    try {
      return attempt({});
    } catch (error) {
      if (error instanceof TraceError) throw error;
      return attempt(this.#ranges);
    }
  }

  readonly #names = new Map<tf.Variable, string>();

  readonly #name = (variable: tf.Variable): string => {
    // Slots are made in the course of a trace, so the names are looked up at the first miss.
    if (!this.#names.has(variable)) {
      for (const [key, known] of this.#model.checkpointVariables()) this.#names.set(known, key);
    }
    return this.#names.get(variable) ?? variable.name;
  };

  /** Checkpoints hold the model's variables and an optimizer's that we know, and no others. */
  #named(graph: Graph): Graph {
    const known = this.#model.checkpointVariables();
    const unknown = graph.variables.find(({ name }) => !known.has(name));
    if (unknown === undefined) return graph;
    graph.dispose();
    throw new TraceError({
      subject: `variable "${unknown.name}"`,
      expected: "a variable of the model, or of one of tfjs's optimizers",
      actual: 'one that no checkpoint holds',
      fix: 'Make it by getVariable(), or use an optimizer of tf.train.',
    });
  }

  #inputs(ranges: FeatureRanges): Record<string, InputSpec> {
    return Object.fromEntries(
      Object.entries(this.#signature).map(([name, { dtype, shape }]) => [
        name,
        { dtype, shape, range: Object.hasOwn(ranges, name) ? ranges[name] : undefined },
      ]),
    );
  }

  #batch(features: FeatureTensors, isTraining: boolean, summaries?: SummaryRecorder): ModelBatch {
    const signature = Object.keys(this.#signature);
    return { features, signature, seed: ['trace'], isTraining, summaries };
  }

  #train(features: FeatureTensors): TracedRun {
    return this.#recorded((recorder) => ({
      loss: this.#model.trainStep(this.#batch(features, true, recorder)),
    }));
  }

  #evaluate(features: FeatureTensors, isTraining: boolean): TracedRun {
    return this.#recorded((recorder) => {
      const outputs: Record<string, tf.Tensor> = {};
      this.#model.evaluate(this.#batch(features, isTraining, recorder), (loss, metrics) => {
        outputs.loss = tf.keep(loss.clone());
        for (const [metric, { kind, config, update }] of Object.entries(metrics)) {
          this.#metrics[metric] = { kind, config };
          const totals = tf.tidy(`metrics/${metric}`, update);
          for (const [total, tensor] of Object.entries(totals)) {
            outputs[metricOutput(metric, total)] = tf.keep(tensor.clone());
          }
        }
      });
      return outputs;
    });
  }

  /** Runs `fn`; what it records for TensorBoard comes after what it returns. */
  #recorded(fn: (recorder: SummaryRecorder) => Record<string, tf.Tensor>): TracedRun {
    const recorder = new SummaryRecorder({ wholeBatches: true });
    try {
      const outputs = fn(recorder);
      const recorded = recorder.take();
      recorded.forEach((summary, index) => {
        if (summary.kind !== 'text') outputs[summaryOutput(index)] = summary.value;
      });
      return { outputs, summaries: recorded.map(describeSummary) };
    } finally {
      recorder.dispose();
    }
  }
}

const describeSummary = (summary: RecordedSummary): DescribedSummary => {
  const { kind, tag } = summary;
  if (kind === 'text') return { kind, tag, text: summary.value };
  if (kind !== 'images') return { kind, tag };
  const { maxOutputs } = summary;
  // JSON has no infinity.
  return { kind, tag, maxOutputs: Number.isFinite(maxOutputs) ? maxOutputs : undefined };
};

/**
 * Traces every way to run a model into one graph. What can't be traced is not in the graph, and the
 * description says why.
 *
 * @param specs which of the optional specs the model has
 * @param ranges what the features' values lie between, for code that does not take any
 */
export const traceModel = (
  model: Model,
  signature: InputSignature,
  specs: ModelSpecs,
  ranges: FeatureRanges,
): GraphedModel => new ModelTracer(model, signature, ranges).trace(specs);
