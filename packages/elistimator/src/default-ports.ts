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
  type ProgressReporter,
  type RunName,
  type SummarySink,
  silentProgress,
} from '@elistimator/core';
import { TqdmReporter } from '@elistimator/progress';
import { SummaryWriter } from 'tfjs-tensorboard-writer';
import { hyperparametersOf } from './hyperparameters';

/** How the estimator runs: which backend, how much of a GPU, how many threads, which seed. */
export interface SessionArgs extends BackendOptions {
  /** What all random numbers follow from. Default: drawn anew. */
  readonly seed?: number | undefined;
  /** How training steps run: by calling the model function (`eager`), or by its graph. Default: eager. */
  readonly execution?: Execution | undefined;
}

/** Which checkpoints to keep: the arguments of TensorFlow's Saver, and what the best one is. */
export interface SaverArgs extends TrainSaverArgs {
  /** What `restoreBestCkpt()` ranks by, and what is never dropped. Default: the least `loss`. */
  readonly best?: Ranking | undefined;
}

/** What stands around the training loop, and can be replaced piece by piece. */
export interface PortOptions {
  readonly sessionArgs?: SessionArgs | undefined;
  /** A progress bar by default; false for none; or a reporter of your own. */
  readonly progress?: boolean | ProgressReporter | undefined;
  /** Where checkpoints are stored; `modelDir/checkpoints` by default. */
  readonly checkpointBackend?: CheckpointBackend | undefined;
  /**
   * Opens the log of a run (`train` or `validation`) that goes on from a step; TensorBoard event
   * files by default.
   */
  readonly summaries?: ((run: RunName, globalStep: number) => SummarySink) | undefined;
}

const reporterOf = (progress: PortOptions['progress'] = true): ProgressReporter => {
  if (typeof progress === 'object') return progress;
  return progress ? new TqdmReporter() : silentProgress;
};

/**
 * Wires the packages around the training loop together.
 *
 * @param modelDir an absolute path
 * @param options.params the model function's parameters, for the logs
 */
export const defaultPorts = (
  modelDir: string,
  { params, ...options }: PortOptions & { readonly params?: unknown },
): EstimatorPorts<SaverArgs> => {
  const { seed: _, execution: __, ...backendOptions } = options.sessionArgs ?? {};
  const progress = reporterOf(options.progress);
  const logDir = (run: RunName): string => join(modelDir, run);
  let announced: string | undefined;
  return {
    modelDir,
    progress,
    logDir,
    prepareBackend: async () => {
      const { summary } = await useBackend(backendOptions);
      if (summary !== announced) progress.message(summary);
      announced = summary;
    },
    checkpoints: ({ best, ...saverArgs } = {}): CheckpointStore => {
      const backend = options.checkpointBackend ?? fileSystemBackend(join(modelDir, 'checkpoints'));
      return new CheckpointManager({ ...fromTrainSaverArgs(saverArgs), best, backend });
    },
    summaries: options.summaries ?? ((run, globalStep) => openLog(logDir(run), globalStep, params)),
  };
};

/** Opens the event file of a run; a new run records its parameters as TensorBoard's hyperparameters. */
const openLog = (logDir: string, globalStep: number, params: unknown): SummaryWriter => {
  // Steps are logged once they are done, so the next one is the first that may be logged.
  const writer = new SummaryWriter(logDir, { purgeStep: globalStep === 0 ? 0 : globalStep + 1 });
  const hyperparameters = hyperparametersOf(params);
  if (globalStep === 0 && Object.keys(hyperparameters).length > 0) writer.hparams(hyperparameters);
  return writer;
};
