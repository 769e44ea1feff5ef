import { join } from 'node:path';
import { type BackendOptions, useBackend } from '@elistimator/backend';
import {
  type CheckpointBackend,
  CheckpointManager,
  fileSystemBackend,
  fromTrainSaverArgs,
  type Ranking,
  type TrainSaverArgs,
} from '@elistimator/checkpoint';
import {
  type CheckpointStore,
  type EstimatorPorts,
  type Execution,
  OptionError,
  type ProgressReporter,
  type RunName,
  type SummarySink,
  silentProgress,
} from '@elistimator/core';
import { assertKnownKeys } from '@elistimator/internal';
import { TqdmReporter } from '@elistimator/progress';
import { SummaryWriter } from 'tfjs-tensorboard-writer';
import { hparamsOf } from './hparams';

/** How the estimator runs: the backend, its share of a GPU, threads, the seed, and how steps are executed. */
export interface SessionArgs extends BackendOptions {
  /** Determines all random numbers. Default: drawn at random. */
  readonly seed?: number | undefined;
  /**
   * How training steps run: by calling the model function (`eager`), by its traced graph (`replay`, or
   * `graph`), or by a custom executor. Default: `eager`.
   */
  readonly execution?: Execution | undefined;
}

/** Which checkpoints to keep: the arguments of TensorFlow's Saver, and what the best one is. */
export interface SaverArgs extends TrainSaverArgs {
  /** What `restoreBestCkpt()` ranks by; the best is never deleted. Default: the least `loss`. */
  readonly best?: Ranking | undefined;
}

/** The parts around the training loop, each of which can be replaced. */
export interface PortOptions {
  readonly sessionArgs?: SessionArgs | undefined;
  /** true for a progress bar, false for none, or a custom reporter. Default: true. */
  readonly progress?: boolean | ProgressReporter | undefined;
  /** Where checkpoints are stored. Default: the file system, in `modelDir/checkpoints`. */
  readonly checkpointBackend?: CheckpointBackend | undefined;
  /**
   * Opens the log of a run (`train` or `validation`) that continues from a step. Default: TensorBoard
   * event files in `modelDir`.
   */
  readonly summaries?: ((run: RunName, globalStep: number) => SummarySink) | undefined;
}

const reporterOf = (progress: PortOptions['progress'] = true): ProgressReporter => {
  if (typeof progress === 'object') return progress;
  return progress ? new TqdmReporter() : silentProgress;
};

/** @throws OptionError for an unknown option; `useBackend()` checks the values */
export const assertSessionArgs = (sessionArgs: SessionArgs | undefined): void =>
  assertKnownKeys<SessionArgs>(
    'sessionArgs',
    sessionArgs,
    {
      backend: true,
      gpu: true,
      threads: true,
      deterministic: true,
      libtensorflow: true,
      seed: true,
      execution: true,
    },
    (explanation) => new OptionError(explanation),
  );

/** @throws InvalidCheckpointOptionError, or OptionError when the arguments are not an object */
const configurationOf = (saverArgs: unknown): SaverArgs => {
  if (saverArgs === undefined) return {};
  if (typeof saverArgs !== 'object' || saverArgs === null || Array.isArray(saverArgs)) {
    throw new OptionError({
      subject: 'trainSaverArgs',
      expected: 'an object',
      actual: Array.isArray(saverArgs) ? 'an array' : String(saverArgs),
      fix: 'Pass an object such as { maxToKeep: 3 }.',
    });
  }
  const { best, ...rest } = saverArgs as SaverArgs;
  // Checks names and values, which may come from a file. The manager checks the ranking.
  return { ...fromTrainSaverArgs(rest), ...(best === undefined ? {} : { best }) };
};

/** A CheckpointManager as core's store. Its configuration arrives when the directory has been read. */
const checkpointStore = (manager: CheckpointManager): CheckpointStore => ({
  open: () => manager.open(),
  configure: (saverArgs) => manager.configure(configurationOf(saverArgs)),
  acquire: () => manager.acquire(),
  get checkpoints() {
    return manager.checkpoints;
  },
  get saved() {
    return manager.saved;
  },
  get state() {
    return manager.state;
  },
  get problems() {
    return manager.problems;
  },
  get rankedBy() {
    return manager.rankedBy;
  },
  fileOf: (globalStep) => manager.fileOf(globalStep),
  save: (snapshot) => manager.save(snapshot),
  recordMetrics: (globalStep, metrics) => manager.recordMetrics(globalStep, metrics),
  read: (file) => manager.read(file),
  readAttachment: (file, suffix) => manager.readAttachment(file, suffix),
  isDamage: (error) => manager.isDamage(error),
  latest: () => manager.latest(),
  best: () => manager.best(),
  close: () => manager.close(),
});

/** The last announced backend: a process has only one, whatever the number of its estimators. */
let announced: string | undefined;

/**
 * Connects the packages around the training loop.
 *
 * @param modelDir an absolute path
 * @param options.params the model function's parameters, for the logs
 */
export const defaultPorts = (
  modelDir: string,
  { params, ...options }: PortOptions & { readonly params?: unknown },
): EstimatorPorts => {
  const { seed: _, execution: __, ...backendOptions } = options.sessionArgs ?? {};
  const progress = reporterOf(options.progress);
  const logDir = (run: RunName): string => join(modelDir, run);
  return {
    modelDir,
    progress,
    logDir,
    prepareBackend: async () => {
      const { summary } = await useBackend(backendOptions);
      if (summary !== announced) progress.message(summary);
      announced = summary;
    },
    checkpoints: () => {
      const backend = options.checkpointBackend ?? fileSystemBackend(join(modelDir, 'checkpoints'));
      return checkpointStore(new CheckpointManager({ backend }));
    },
    summaries: options.summaries ?? ((run, globalStep) => openLog(logDir(run), globalStep, params)),
  };
};

/** Opens the event file of a run. A new run logs its parameters for TensorBoard's HParams tab. */
const openLog = (logDir: string, globalStep: number, params: unknown): SummaryWriter => {
  // Steps are logged once they are finished, so the next one is the first that may be logged.
  const writer = new SummaryWriter(logDir, { purgeStep: globalStep === 0 ? 0 : globalStep + 1 });
  const hparams = hparamsOf(params);
  if (globalStep === 0 && Object.keys(hparams).length > 0) writer.hparams(hparams);
  return writer;
};
