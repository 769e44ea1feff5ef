import { reasonOf } from '@elistimator/internal';
import { Checkpoints } from '../checkpoints/checkpoints';
import {
  DatasetError,
  type InputFn,
  type InputSignature,
  InputSource,
  signatureOf,
} from '../dataset';
import { NotReadyError } from '../errors';
import { createExecutor } from '../execution/create-executor';
import type { StepExecutor } from '../execution/step-executor';
import { CodeModel } from '../model/code-model';
import type { GraphModel } from '../model/graph-model';
import type { ModelSpecs, StepInputs } from '../model/model';
import type { SaveTrigger } from '../ports';
import type { NanPolicy } from '../rounds/loss-monitor';
import { type ProgramSource, TraceCache } from '../trace/trace-cache';
import { featureRanges, featureShapes, type TraceModelOptions } from '../trace/trace-model';
import {
  assertOpen,
  type BuiltModel,
  buildInputs,
  builtOf,
  type EstimatorContext,
  type Lifecycle,
  type RoundSetup,
} from './context';
import { examplesOf } from './examples';
import { type InputShapes, openDimensions } from './input-shapes';
import { assertMetricReferences, metricReferences } from './metric-names';
import type { TrainingState } from './training-state';

/** The options of `setup()`, whose types the estimator has checked. */
export interface LifecycleSetupOptions {
  readonly trainInputFn: InputFn;
  readonly validationInputFn?: InputFn | undefined;
  readonly dataKeys?: readonly string[] | undefined;
  readonly trainSaverArgs?: unknown;
  readonly saveWhen?: SaveTrigger | undefined;
  readonly saveInBackground?: boolean | undefined;
  readonly summarySteps?: number | undefined;
  readonly nanPolicy?: NanPolicy | undefined;
  readonly inputShapes?: InputShapes | undefined;
}

/** The programs of a model: traced from its code, or the graph that it is. */
export const programsOf = (
  model: CodeModel | GraphModel,
  seed: number,
  options: TraceModelOptions,
): ProgramSource =>
  model instanceof CodeModel
    ? new TraceCache(model, seed, options)
    : { current: () => model.program, latest: () => model.program, dispose: () => {} };

/** Opens the store of checkpoints. */
export const openCheckpoints = async ({
  ports,
  clock,
  progress,
}: EstimatorContext): Promise<Checkpoints> => {
  const print = (text: string) => progress.message(text);
  const { modelDir } = ports;
  const checkpoints = new Checkpoints(ports.checkpoints(), { modelDir, clock, print });
  await checkpoints.open();
  return checkpoints;
};

const newModel = ({ modelFn }: EstimatorContext, { params, seed }: TrainingState): CodeModel => {
  if (modelFn !== null) return new CodeModel({ modelFn, params, seed });
  throw new NotReadyError(
    'Without a modelFn, setup() continues with a model from a directory: start with fromDisk({ modelDir }).',
  );
};

/** Creates the inputs of rounds; options that are absent keep their earlier values. */
const roundSetup = (
  context: EstimatorContext,
  lifecycle: Lifecycle,
  options: LifecycleSetupOptions,
  dataKeys: readonly string[] | undefined,
): Omit<RoundSetup, 'metricReferences'> => {
  const earlier = lifecycle.phase === 'ready' ? lifecycle.rounds : undefined;
  const source = (name: string, inputFn: InputFn) => new InputSource({ name, inputFn, dataKeys });
  const { trainInputFn, validationInputFn } = options;
  return {
    train: source('trainInputFn', trainInputFn),
    validation: validationInputFn && source('validationInputFn', validationInputFn),
    saveWhen: options.saveWhen ?? earlier?.saveWhen,
    saveInBackground: options.saveInBackground ?? earlier?.saveInBackground ?? false,
    summarySteps: options.summarySteps ?? 1,
    nanPolicy: options.nanPolicy ?? 'throw',
    startedAt: context.clock(),
  };
};

/** What a setup creates anew, or takes over from the one before. */
interface Parts {
  readonly model: CodeModel | GraphModel;
  programs?: ProgramSource;
  executor?: StepExecutor;
  checkpoints?: Checkpoints;
}

/**
 * Builds the model on the first batch of the training data, or checks an existing model against it, and
 * prepares the directory. When anything fails, everything is as before.
 *
 * @returns the model and the inputs of rounds; `training` has the new options
 */
export const setUp = async (
  context: EstimatorContext,
  lifecycle: Lifecycle,
  training: TrainingState,
  options: LifecycleSetupOptions,
): Promise<{ readonly built: BuiltModel; readonly rounds: RoundSetup }> => {
  assertOpen(lifecycle);
  const before = builtOf(lifecycle);
  await context.ports.prepareBackend();
  await before?.checkpoints.idle();
  await before?.executor.sync();
  const dataKeys = options.dataKeys ? [...options.dataKeys] : training.dataKeys;
  const saverArgs = options.trainSaverArgs ?? training.saverArgs;
  const rounds = roundSetup(context, lifecycle, options, dataKeys);
  const parts: Parts = { model: before?.model ?? newModel(context, training), ...before };
  const traceOptions = before?.programs instanceof TraceCache ? before.programs.options : undefined;
  const batch = await rounds.train.peek(training.position.round);
  try {
    const features = batch.tensors();
    const signature = openDimensions(signatureOf(batch), options.inputShapes, before?.signature);
    const specs = buildModel(parts.model, buildInputs(features, signature), rounds.train);
    const checkpoints = before?.checkpoints ?? (await openCheckpoints(context));
    parts.checkpoints = checkpoints;
    checkpoints.configure(saverArgs);
    const programs = preparePrograms(parts, training.seed, signature, specs, features);
    parts.programs = programs;
    const program = programs.current();
    if (parts.model instanceof CodeModel) context.untraceable.report(program, context.execution);
    const references = metricReferences(checkpoints.rankedBy, rounds.saveWhen);
    assertMetricReferences(references, {
      program,
      specs,
      saveWhen: rounds.saveWhen,
      hasValidation: rounds.validation !== undefined,
      progress: context.progress,
    });
    const executor =
      before?.executor ??
      createExecutor(context.execution, parts.model, programs, Object.keys(signature));
    parts.executor = executor;
    await startLogs(context, training, rounds, checkpoints, program.traced.graph);
    checkpoints.inBackground = rounds.saveInBackground;
    if (lifecycle.phase === 'ready') await lifecycle.rounds.train.close();
    rounds.train.signature = signature;
    if (rounds.validation) rounds.validation.signature = signature;
    training.dataKeys = dataKeys;
    training.saverArgs = saverArgs;
    const examples = examplesOf(features);
    const { model } = parts;
    return {
      built: { model, specs, signature, examples, programs, executor, checkpoints },
      rounds: { ...rounds, metricReferences: references, startedAt: context.clock() },
    };
  } catch (error) {
    // The first error says more than one that follows from it.
    await rounds.train.close().catch(() => {});
    await undo(parts, before, training, traceOptions);
    throw error;
  } finally {
    batch.dispose();
  }
};

/** @throws DatasetError if the model fails on the elements of a Dataset that is not batched */
const buildModel = (
  model: CodeModel | GraphModel,
  inputs: StepInputs,
  input: InputSource,
): ModelSpecs => {
  try {
    return model.build(inputs);
  } catch (error) {
    if (!input.lacksBatch) throw error;
    throw new DatasetError(
      {
        subject: input.name,
        expected: 'batches of examples',
        actual: `a Dataset on which batch() was not called, and the model function fails on its elements: ${reasonOf(error)}`,
        fix: 'If its elements are single examples, call .batch(n).',
      },
      { cause: error },
    );
  }
};

const preparePrograms = (
  { model, programs }: Parts,
  seed: number,
  signature: InputSignature,
  specs: ModelSpecs,
  features: Parameters<typeof featureRanges>[0],
): ProgramSource => {
  const options: TraceModelOptions = {
    signature,
    specs,
    ranges: featureRanges(features),
    shapes: featureShapes(features),
  };
  if (programs === undefined) return programsOf(model, seed, options);
  if (programs instanceof TraceCache) programs.options = options;
  return programs;
};

const startLogs = async (
  { logs }: EstimatorContext,
  { position }: TrainingState,
  { validation }: Pick<RoundSetup, 'validation'>,
  checkpoints: Checkpoints,
  graph: { toGraphDef(): Uint8Array },
): Promise<void> => {
  await logs.start(position.globalStep, validation ? ['train', 'validation'] : ['train']);
  // Opening a new file would void the logs of an earlier run, which may be about to be restored.
  if (checkpoints.hasOtherRun) return;
  logs.open();
  logs.sink('train').graph?.(graph.toGraphDef());
};

/** Frees what was created anew, and puts the options of what was taken over back. */
const undo = async (
  parts: Parts,
  before: BuiltModel | undefined,
  training: TrainingState,
  traceOptions: TraceModelOptions | undefined,
): Promise<void> => {
  if (before === undefined) {
    parts.executor?.dispose();
    parts.programs?.dispose();
    parts.model.dispose();
    await parts.checkpoints?.close();
    return;
  }
  before.checkpoints.configure(training.saverArgs);
  if (before.programs instanceof TraceCache && traceOptions) before.programs.options = traceOptions;
};
