import * as tf from '@tensorflow/tfjs';
import type { CheckpointChoice } from '../checkpoints/checkpoint-finder';
import type { StoredGraph } from '../checkpoints/checkpoints';
import type { RestoredPosition } from '../checkpoints/contents';
import { NotReadyError, StateError } from '../errors';
import { createExecutor } from '../execution/create-executor';
import type { StepExecutor } from '../execution/step-executor';
import { CodeModel } from '../model/code-model';
import { GraphModel } from '../model/graph-model';
import type { RestoreStateOptions } from '../model/model-state';
import { graphDifference } from '../trace/graph-difference';
import { decodeModel } from '../trace/meta-file';
import type { ProgramSource } from '../trace/trace-cache';
import { featureRanges, featureShapes } from '../trace/trace-model';
import {
  assertOpen,
  type BuiltModel,
  buildInputs,
  type EstimatorContext,
  type Lifecycle,
} from './context';
import { exampleFeatures } from './examples';
import { findRun } from './find-run';
import { openCheckpoints, programsOf } from './setup';
import type { StoredRun } from './stored-run';
import { startPosition, type TrainingState } from './training-state';

/** How `recover` and the `restore…Ckpt()` methods restore. */
export interface RestoreEntryOptions extends RestoreStateOptions {
  /** Skip damaged checkpoints, and restore the intact one that was saved last instead. */
  readonly fallback?: boolean | undefined;
}

/**
 * Starts again from the directory of an earlier run. When anything fails, everything is as before.
 *
 * @returns the restored model and its training state
 * @throws NoCheckpointError when the directory holds none
 * @throws StateError when neither elistimator_meta nor a graph tells about the run, or parameters are
 *   needed and lost
 * @throws NotReadyError without a modelFn, when no checkpoint holds a graph that runs
 */
export const recover = async (
  context: EstimatorContext,
  lifecycle: Lifecycle,
  choice: CheckpointChoice,
  options: RestoreStateOptions,
): Promise<{ readonly built: BuiltModel; readonly training: TrainingState }> => {
  assertOpen(lifecycle);
  const { ports } = context;
  const checkpoints = await openCheckpoints(context);
  let model: CodeModel | GraphModel | undefined;
  let programs: ProgramSource | undefined;
  let executor: StepExecutor | undefined;
  let features: Record<string, tf.Tensor> = {};
  try {
    checkpoints.assertExists();
    const stored = await findRun(context, checkpoints);
    assertParams(stored, context);
    // The stored arguments decide which checkpoint is the best one.
    checkpoints.configure(stored.saverArgs);
    const storedGraph = await checkpoints.graph(choice);
    await ports.prepareBackend();
    const training = trainingFrom(stored, context);
    model = createModel(context, training, storedGraph);
    const { inputSignature: signature, examples } = stored;
    features = exampleFeatures(signature, examples);
    const specs = model.build(buildInputs(features, signature));
    programs = programsOf(model, training.seed, {
      signature,
      specs,
      ranges: featureRanges(features),
      shapes: featureShapes(features),
    });
    const program = programs.current();
    if (model instanceof CodeModel) {
      context.untraceable.report(program, context.execution);
      const difference = storedGraph.bytes && graphDifference(storedGraph.bytes, program.traced);
      if (difference !== undefined) context.progress.message(difference);
    }
    const names = Object.keys(signature);
    executor = createExecutor(context.execution, model, programs, names);
    const built = { model, specs, signature, examples, programs, executor, checkpoints };
    await restoreEntry(context, built, training, choice, { ...options, fallback: true });
    return { built, training };
  } catch (error) {
    executor?.dispose();
    programs?.dispose();
    model?.dispose();
    await checkpoints.close();
    throw error;
  } finally {
    tf.dispose(features);
  }
};

/** @throws StateError when a model function needs parameters that JSON could not represent */
const assertParams = (
  { paramsAreLost }: StoredRun,
  { modelFn, params }: EstimatorContext,
): void => {
  if (!paramsAreLost || modelFn === null || params !== undefined) return;
  throw new StateError({
    subject: 'params of fromDisk()',
    expected: 'the parameters of the model function',
    actual: 'none, and the directory could not store those of the earlier run',
    fix: 'Pass the params that the model was trained with.',
  });
};

/** The state of a stored run; what this process was given takes precedence. */
const trainingFrom = (stored: StoredRun, { seed, params }: EstimatorContext): TrainingState => ({
  seed: seed ?? stored.seed,
  params: params ?? stored.params ?? {},
  // Checkpoints of other origin lack the position that those of ours contain.
  position: { ...startPosition, round: stored.rounds ?? 0 },
  trainSize: stored.trainSize,
  validationSize: stored.validationSize,
  dataKeys: stored.dataKeys,
  saverArgs: stored.saverArgs,
});

const createModel = (
  { modelFn, progress }: EstimatorContext,
  { params, seed }: TrainingState,
  { bytes, skipped }: StoredGraph,
): CodeModel | GraphModel => {
  if (modelFn !== null) return new CodeModel({ modelFn, params, seed });
  if (bytes === undefined) {
    const [first] = skipped;
    throw new NotReadyError(
      `fromDisk(): expected a modelFn, or a checkpoint with its graph in a .meta file, got neither. ${first ? `${first.reason} ` : ''}Pass the modelFn that the model was trained with.`,
    );
  }
  const traced = decodeModel(bytes);
  if (Object.keys(traced.graph.signatures).length === 0) {
    const [reason] = Object.values(traced.description.untraceable);
    throw new NotReadyError(
      `fromDisk(): expected a modelFn, because the directory's model can't be traced, got none. ${reason} Pass the modelFn that it was trained with.`,
    );
  }
  for (const { reason } of skipped) {
    progress.message(`The graph is taken from another checkpoint: ${reason}`);
  }
  return new GraphModel(traced, seed);
};

/** Restores the latest or best checkpoint and takes up its position. */
export const restoreEntry = async (
  context: EstimatorContext,
  built: BuiltModel,
  training: TrainingState,
  choice: CheckpointChoice,
  options: RestoreEntryOptions,
): Promise<void> => {
  const { model, executor, checkpoints } = built;
  const { progress } = context;
  await executor.sync();
  const restored = await checkpoints.restoreChoice(model.state, choice, options);
  for (const { file, reason } of restored.skipped) {
    progress.message(`Skipped the damaged checkpoint ${file}: ${reason}`);
  }
  if (restored.note !== undefined) progress.message(restored.note);
  await resumeFrom(context, training, restored);
};

/** Restores a checkpoint by its prefix and takes up its position. */
export const restoreFile = async (
  context: EstimatorContext,
  { model, executor, checkpoints }: BuiltModel,
  training: TrainingState,
  file: string,
  options: RestoreStateOptions,
): Promise<void> => {
  await executor.sync();
  await resumeFrom(context, training, await checkpoints.restore(model.state, file, options));
};

const resumeFrom = async (
  { logs }: EstimatorContext,
  training: TrainingState,
  { position, validated }: RestoredPosition,
): Promise<void> => {
  training.position = { ...training.position, ...position };
  training.validated = validated;
  await logs.start(training.position.globalStep);
};
