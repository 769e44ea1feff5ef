import type { Execution } from '../model/model';
import type { CheckpointStore } from '../ports/checkpoint-store';
import type { ProgressReporter } from '../ports/progress-reporter';
import type { SaveTrigger } from '../ports/save-trigger';
import type { SummarySink } from '../ports/summary-sink';
import type { MetricMap, ModelFn, OutputMap } from '../specs';
import type { InputFn } from './input-source';
import type { PredictionForm } from './predictions';
import type { NanPolicy } from './train-round';

/** The two runs that an estimator logs. */
export type RunName = 'train' | 'validation';

/** What the estimator leaves to others. */
export interface EstimatorPorts<SaverArgs> {
  /** The directory that everything lies under. */
  readonly modelDir: string;
  readonly progress: ProgressReporter;
  /** Gets the backend ready. Called before any tensor is made; more than once. */
  prepareBackend(): Promise<void>;
  /** Makes the store that `setup()` and `fromDisk()` then open. */
  checkpoints(saverArgs: SaverArgs | undefined): CheckpointStore;
  /** Where the logs of a run lie. */
  logDir(run: RunName): string;
  /**
   * Opens the logs of a run.
   *
   * @param globalStep the step that the run goes on from; what was logged after it is void
   */
  summaries(run: RunName, globalStep: number): SummarySink;
}

/** What an estimator is made of. */
export interface EstimatorOptions<F, P, M extends MetricMap, O extends OutputMap> {
  /** Null for the model that the directory holds as a graph; `recover()` then comes first. */
  readonly modelFn: ModelFn<F, P, M, O> | null;
  /** Handed to the model function as they are. Default: an empty dictionary. */
  readonly params?: P | undefined;
  /** What all random numbers follow from: initial values, dropout, `random.*`. Default: drawn anew. */
  readonly seed?: number | undefined;
  /**
   * How training steps run. `eager` calls the model function for every batch. `graph` runs what
   * `setup()` traced of it, which gives the same numbers and is faster where calls cost more than
   * computing, as in small networks; `setup()` fails when it can't be traced. Default: eager.
   */
  readonly execution?: Execution | undefined;
}

/** What `setup()` takes. */
export interface SetupOptions<SaverArgs = unknown> {
  readonly trainInputFn: InputFn;
  readonly validationInputFn?: InputFn | undefined;
  /** Names for the members of a dataset that yields tuples; without it they are 0, 1, 2 …. */
  readonly dataKeys?: readonly string[] | undefined;
  /** What to keep of the checkpoints that are saved. */
  readonly trainSaverArgs?: SaverArgs | undefined;
  /** When to save besides `saveCkpt()`: asked after each training step and each validation. */
  readonly saveWhen?: SaveTrigger | undefined;
  /**
   * Whether a save only takes the values, and writes them while training goes on. The next save and
   * `close()` wait for it, and what goes wrong surfaces at the next call. Default: false.
   */
  readonly saveInBackground?: boolean | undefined;
  /** Every how many steps what `summary.*` records is written. Default: 1. The loss always is. */
  readonly summarySteps?: number | undefined;
  /** What to do about a loss that is NaN or infinite. Default: throw. */
  readonly nanPolicy?: NanPolicy | undefined;
  /**
   * Shapes of features that differ from batch to batch, null for each open dimension, as
   * `{ tokens: [null, null] }`. By default only the first dimension, the batch, is open.
   */
  readonly inputShapes?: Readonly<Record<string, readonly (number | null)[]>> | undefined;
}

/** What `train()` takes. */
export interface TrainOptions {
  /** Ends the round after so many steps; the next one starts the dataset anew. */
  readonly maxSteps?: number | undefined;
  /** Ends the round between two steps, and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What `restoreLatestCkpt()` and `restoreBestCkpt()` take. */
export interface RestoreOptions {
  /** Whether to take the newest checkpoint that is whole when this one is damaged, and say so. */
  readonly fallback?: boolean | undefined;
}

/** What `validate()` takes. */
export interface ValidateOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What `evaluate()` takes. */
export interface EvaluateOptions {
  readonly inputFn: InputFn;
  /** What the model function gets as `isTraining`. Default: false. */
  readonly isTraining?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a prediction is made and given back. */
export interface PredictOptions<Form extends PredictionForm = PredictionForm> {
  /** Default: nested arrays. */
  readonly as?: Form | undefined;
  /** What the model function gets as `isTraining`. Default: false. */
  readonly isTraining?: boolean | undefined;
}

/** What `predict()` takes in its form for whole datasets. */
export interface PredictRequestOptions<Form extends PredictionForm = PredictionForm>
  extends PredictOptions<Form> {
  readonly inputFn: InputFn;
}
