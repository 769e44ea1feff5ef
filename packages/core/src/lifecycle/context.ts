import type { Checkpoints } from '../checkpoints/checkpoints';
import type { InputSignature, InputSource } from '../dataset';
import { NotReadyError } from '../errors';
import type { Execution, StepExecutor } from '../execution/step-executor';
import type { CodeModel } from '../model/code-model';
import type { GraphModel } from '../model/graph-model';
import type { FeatureTensors, ModelSpecs, StepInputs } from '../model/model';
import type { CheckpointStore, ProgressReporter, SaveTrigger, SummarySink } from '../ports';
import type { NanPolicy } from '../rounds/loss-monitor';
import type { AnyModelFn } from '../specs';
import type { ProgramSource } from '../trace/trace-cache';
import type { Examples } from './examples';
import type { MetricReference } from './metric-names';
import type { RunLogs, RunName } from './run-logs';
import type { UntraceableWarnings } from './untraceable';

/** Everything outside of the training loop that an estimator needs. */
export interface EstimatorPorts {
  /** The directory with all files of the estimator; an absolute path. */
  readonly modelDir: string;
  readonly progress: ProgressReporter;
  /** Prepares the tfjs backend. Called before any tensor is created, and more than once. */
  prepareBackend(): Promise<void>;
  /** Creates the store of checkpoints, which is opened once. */
  checkpoints(): CheckpointStore;
  /** The directory with the logs of a run. */
  logDir(run: RunName): string;
  /**
   * Opens the logs of a run.
   *
   * @param globalStep the step to continue from; what was logged after it is void
   */
  summaries(run: RunName, globalStep: number): SummarySink;
  /** The current time in milliseconds since the epoch. Default: `Date.now` */
  clock?(): number;
  /** A random number from [0, 1), from which a seed is drawn if there is none. Default: `Math.random` */
  entropy?(): number;
}

/** What the lifecycle of an estimator depends on. */
export interface EstimatorContext {
  /** Null for the model that a directory holds as a graph. */
  readonly modelFn: AnyModelFn | null;
  /** The options of the constructor; undefined if absent. */
  readonly params: unknown;
  readonly seed: number | undefined;
  /** The seed in use, given or drawn. */
  readonly drawnSeed: number;
  readonly execution: Execution | undefined;
  readonly ports: EstimatorPorts;
  /** The reporter of the ports, whose errors are caught. */
  readonly progress: ProgressReporter;
  readonly logs: RunLogs;
  readonly untraceable: UntraceableWarnings;
  readonly clock: () => number;
}

/** A model that can be run. */
export interface BuiltModel {
  readonly model: CodeModel | GraphModel;
  readonly specs: ModelSpecs;
  readonly signature: InputSignature;
  readonly examples: Examples;
  readonly programs: ProgramSource;
  readonly executor: StepExecutor;
  readonly checkpoints: Checkpoints;
}

/** The inputs and options of rounds. */
export interface RoundSetup {
  readonly train: InputSource;
  readonly validation: InputSource | undefined;
  readonly saveWhen: SaveTrigger | undefined;
  /** The metrics that the options name. */
  readonly metricReferences: readonly MetricReference[];
  readonly saveInBackground: boolean;
  readonly summarySteps: number;
  readonly nanPolicy: NanPolicy;
  /** When `setup()` finished, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** The states of an estimator. */
export type Lifecycle =
  | { readonly phase: 'new' }
  | { readonly phase: 'recovered'; readonly built: BuiltModel }
  | { readonly phase: 'ready'; readonly built: BuiltModel; readonly rounds: RoundSetup }
  | { readonly phase: 'closed' };

export const builtOf = (lifecycle: Lifecycle): BuiltModel | undefined =>
  'built' in lifecycle ? lifecycle.built : undefined;

/** @throws NotReadyError for an estimator that was closed */
export const assertOpen = ({ phase }: Lifecycle): void => {
  if (phase === 'closed') throw new NotReadyError('This estimator was closed: create a new one.');
};

/** @throws NotReadyError before the model is built, and after `close()` */
export const requireBuilt = (lifecycle: Lifecycle, method: string): BuiltModel => {
  assertOpen(lifecycle);
  const built = builtOf(lifecycle);
  if (built !== undefined) return built;
  throw new NotReadyError(
    `Must call setup, or start from a directory with fromDisk, before using ${method}`,
  );
};

/** @throws NotReadyError before `setup()` got the input function of the method, and after `close()` */
export const requireInput = (
  lifecycle: Lifecycle,
  method: 'train' | 'validate',
): { readonly built: BuiltModel; readonly rounds: RoundSetup; readonly input: InputSource } => {
  assertOpen(lifecycle);
  if (lifecycle.phase === 'ready') {
    const { built, rounds } = lifecycle;
    const input = method === 'train' ? rounds.train : rounds.validation;
    if (input !== undefined) return { built, rounds, input };
  }
  const missing = method === 'train' ? 'trainInputFn' : 'validationInputFn';
  throw new NotReadyError(`Must call setup with ${missing} before using the ${method} method`);
};

/** The inputs with which a model is built. */
export const buildInputs = (features: FeatureTensors, signature: InputSignature): StepInputs => ({
  features,
  featureNames: Object.keys(signature),
  seedPath: ['build'],
  isTraining: true,
});
