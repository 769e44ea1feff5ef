import { Graph, type InputSpec, TraceError, trace } from '@elistimator/graph';
import { reasonOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';
import type { CodeModel } from '../model/code-model';
import { SCALAR_PREFIX } from '../model/hyperparameters';
import type { FeatureTensors, ModelSpecs, StepInputs } from '../model/model';
import {
  type DescribedSummary,
  type ModelDescription,
  type SignatureName,
  TRACER_VERSION,
} from '../model/model-description';
import {
  metricOutput,
  signatureNameOf,
  summaryOutput,
  type TracedModel,
} from '../model/model-program';
import { type RecordedSummary, SummaryRecorder } from '../scope/summary-recorder';

/** The least and greatest value of each numeric feature. */
export type FeatureRanges = Readonly<Record<string, readonly [low: number, high: number]>>;

/** Reads back the range of each feature's values; features without finite numbers are left out. */
export const featureRanges = (features: FeatureTensors): FeatureRanges =>
  Object.fromEntries(
    Object.entries(features).flatMap(([name, tensor]) => {
      const isNumeric = tensor.dtype === 'int32' || tensor.dtype === 'float32';
      if (!isNumeric || tensor.size === 0) return [];
      const ends = tf.tidy(() => [tensor.min(), tensor.max()].map((end) => end.dataSync()[0]));
      const [low = Number.NaN, high = Number.NaN] = ends;
      return Number.isFinite(low) && Number.isFinite(high) ? [[name, [low, high]] as const] : [];
    }),
  );

/** The shape of each feature. */
export type FeatureShapes = Readonly<Record<string, readonly number[]>>;

export const featureShapes = (features: FeatureTensors): FeatureShapes =>
  Object.fromEntries(Object.entries(features).map(([name, { shape }]) => [name, shape]));

/** The inputs of a trace. */
export interface TraceModelOptions {
  readonly signature: InputSignature;
  readonly specs: ModelSpecs;
  /** The ranges of real features, for a model function that does not accept any values. */
  readonly ranges: FeatureRanges;
  /** The shapes of real features, for a model function that does not accept small ones. */
  readonly shapes: FeatureShapes;
}

/** The outputs of a signature while it is traced. */
interface SignatureOutputs {
  readonly outputs: Record<string, tf.Tensor>;
  readonly summaries?: readonly DescribedSummary[];
}

class ModelTracer {
  readonly #model: CodeModel;
  readonly #options: TraceModelOptions;
  readonly #metrics: Record<string, ModelDescription['metrics'][string]> = {};
  readonly #summaries: Partial<Record<SignatureName, readonly DescribedSummary[]>> = {};
  readonly #untraceable: Partial<Record<SignatureName, string>> = {};
  readonly #graphs: Graph[] = [];
  readonly #variableNames = new Map<tf.Variable, string>();

  constructor(model: CodeModel, options: TraceModelOptions) {
    this.#model = model;
    this.#options = options;
  }

  trace(): TracedModel {
    const { evaluates, predicts } = this.#options.specs;
    // The first signature gets the names without a number: what users fetch comes first.
    for (const isTraining of [false, true]) {
      if (predicts) this.#tracePredict(isTraining);
      if (evaluates) this.#traceEvaluate(isTraining);
      if (!isTraining) this.#traceTrain();
    }
    const description: ModelDescription = {
      tracer: TRACER_VERSION,
      evaluates,
      predicts,
      metrics: this.#metrics,
      summaries: this.#summaries,
      optimizer: this.#model.describeOptimizer(),
      untraceable: this.#untraceable,
    };
    return { graph: Graph.merge(this.#graphs), description };
  }

  #tracePredict(isTraining: boolean): void {
    this.#signature(signatureNameOf('predict', isTraining), (features) => ({
      outputs: this.#model.predict(this.#inputs(features, isTraining)),
    }));
  }

  #traceEvaluate(isTraining: boolean): void {
    this.#signature(signatureNameOf('evaluate', isTraining), (features) =>
      this.#recorded((recorder) => {
        const outputs: Record<string, tf.Tensor> = {};
        this.#model.evaluate(this.#inputs(features, isTraining, recorder), (loss, metrics) => {
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
      }),
    );
  }

  /** The step's scalars are inputs of the graph, like the features. */
  #traceTrain(): void {
    const { optimizer, trainedVariables } = this.#model;
    optimizer.createSlots(trainedVariables);
    const names = optimizer.takesScalars ? Object.keys(optimizer.stepScalars) : [];
    const scalarSpecs = Object.fromEntries(
      names.map((name): [string, InputSpec] => [SCALAR_PREFIX + name, { shape: [] }]),
    );
    const step = (inputs: FeatureTensors): SignatureOutputs => {
      const features = { ...inputs };
      const scalars: Record<string, tf.Scalar> = {};
      for (const name of names) {
        scalars[name] = features[SCALAR_PREFIX + name] as tf.Scalar;
        delete features[SCALAR_PREFIX + name];
      }
      return this.#recorded((recorder) => ({
        loss: this.#model.trainStep(this.#inputs(features, true, recorder), scalars),
      }));
    };
    this.#signature('train', step, scalarSpecs);
  }

  #signature(
    name: SignatureName,
    call: (inputs: FeatureTensors) => SignatureOutputs,
    scalars: Readonly<Record<string, InputSpec>> = {},
  ): void {
    const traced = (inputs: FeatureTensors) => {
      const { outputs, summaries = [] } = call(inputs);
      this.#summaries[name] = summaries;
      return outputs;
    };
    const attempt = (ranges: FeatureRanges) =>
      this.#withKnownVariables(
        trace(
          traced,
          { ...this.#featureSpecs(ranges), ...scalars },
          { name, variableName: this.#variableName },
        ),
      );
    try {
      this.#graphs.push(this.#withFallbackRanges(attempt));
    } catch (error) {
      this.#untraceable[name] =
        error instanceof TraceError
          ? error.message
          : `Can't be traced, because it fails on synthetic data: ${reasonOf(error)}`;
    }
  }

  /** Synthetic features are 0 and 1; a model function that rejects these gets the observed ranges. */
  #withFallbackRanges(attempt: (ranges: FeatureRanges) => Graph): Graph {
    try {
      return attempt({});
    } catch (error) {
      if (error instanceof TraceError) throw error;
      return attempt(this.#options.ranges);
    }
  }

  readonly #variableName = (variable: tf.Variable): string => {
    // A custom optimizer may create its variables during a trace, so names are looked up when needed.
    if (!this.#variableNames.has(variable)) {
      for (const [name, known] of this.#model.state.all()) this.#variableNames.set(known, name);
    }
    return this.#variableNames.get(variable) ?? variable.name;
  };

  /** Checkpoints hold the variables of the model and of tfjs's optimizers, and no others. */
  #withKnownVariables(graph: Graph): Graph {
    const known = this.#model.state.all();
    const unknown = graph.variables.find(({ name }) => !known.has(name));
    if (unknown === undefined) return graph;
    graph.dispose();
    throw new TraceError({
      subject: `variable "${unknown.name}"`,
      expected: "a variable of the model, or of one of tfjs's optimizers",
      actual: 'one that checkpoints do not contain',
      fix: 'Create it by getVariable(), or use an optimizer of tf.train.',
    });
  }

  #featureSpecs(ranges: FeatureRanges): Record<string, InputSpec> {
    const { signature, shapes } = this.#options;
    return Object.fromEntries(
      Object.entries(signature).map(([name, { dtype, shape }]) => [
        name,
        {
          dtype,
          shape,
          range: Object.hasOwn(ranges, name) ? ranges[name] : undefined,
          typical: Object.hasOwn(shapes, name) ? shapes[name] : undefined,
        },
      ]),
    );
  }

  #inputs(features: FeatureTensors, isTraining: boolean, summaries?: SummaryRecorder): StepInputs {
    const featureNames = Object.keys(this.#options.signature);
    return { features, featureNames, seedPath: ['trace'], isTraining, summaries };
  }

  /** Runs `fn` and appends the summaries that it records to its outputs. */
  #recorded(fn: (recorder: SummaryRecorder) => Record<string, tf.Tensor>): SignatureOutputs {
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
 * Traces every signature of a model into one graph. A signature that can't be traced is left out, and
 * the description says why. Creates the optimizer's slots; changes nothing else.
 */
export const traceModel = (model: CodeModel, options: TraceModelOptions): TracedModel =>
  new ModelTracer(model, options).trace();
