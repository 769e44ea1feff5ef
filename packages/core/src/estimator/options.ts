import type { InputFn } from '../dataset';
import type { Execution } from '../execution/step-executor';
import type { InputShapes } from '../lifecycle/input-shapes';
import type { RestoreEntryOptions } from '../lifecycle/recover';
import type { SaveTrigger } from '../ports';
import type { NanPolicy } from '../rounds/loss-monitor';
import type { PredictOptions } from '../rounds/predict';
import type { PredictionForm } from '../rounds/predictions';
import type { AnyModelFn, FeaturesOf, ParamsOption } from '../specs';

/** The options of an estimator. `params` is required if the model function needs parameters. */
export type EstimatorOptions<Fn extends AnyModelFn> = {
  /** Null for a model that a directory holds as a graph; `recover()` must then be called first. */
  readonly modelFn: Fn | null;
  /** Determines initial values, dropout, `random.*` and shuffling: an integer below 2^32. Default: drawn at random */
  readonly seed?: number | undefined;
  /**
   * How training steps run. `eager` calls the model function for every batch. `replay` (or `graph`) runs
   * what `setup()` traced of it, which gives the same numbers, and is faster for small networks, in which
   * calls cost more than computations; `setup()` fails if the model can't be traced. A function creates
   * a custom executor. Default: `eager`
   */
  readonly execution?: Execution | undefined;
} & ParamsOption<Fn>;

/** The options of `setup()`. */
export interface SetupOptions<Fn extends AnyModelFn = AnyModelFn, SaverArgs = unknown> {
  readonly trainInputFn: InputFn<FeaturesOf<Fn>>;
  readonly validationInputFn?: InputFn<FeaturesOf<Fn>> | undefined;
  /** Names for the members of a dataset that yields tuples. Default: 0, 1, 2 … */
  readonly dataKeys?: readonly string[] | undefined;
  /** Which of the saved checkpoints to keep. A metric that it ranks by must be one of the EvaluationSpec. */
  readonly trainSaverArgs?: SaverArgs | undefined;
  /**
   * When to save automatically. It is asked after each training step and each validation. A metric that it
   * decides by must be one of the EvaluationSpec. Default: never
   */
  readonly saveWhen?: SaveTrigger | undefined;
  /**
   * Whether a save only reads the values, and writes them while training continues. The next save and
   * `close()` wait for it; an error is thrown by the next call. Default: false
   */
  readonly saveInBackground?: boolean | undefined;
  /** Summaries of the model function are recorded every this many steps. The loss always is. Default: 1 */
  readonly summarySteps?: number | undefined;
  /**
   * How to handle a loss that is NaN or infinite: `throw` rejects `train()`, `warn` prints a warning and
   * continues. Either way at most 15 further steps are taken before it is noticed, and automatic saves
   * skip a model whose loss or values are not finite. Default: `throw`
   */
  readonly nanPolicy?: NanPolicy | undefined;
  /**
   * Shapes of features that vary between batches, with null for each open dimension:
   * `{ tokens: [null, null] }`. Default: only the first dimension, the batch, is open
   */
  readonly inputShapes?: InputShapes | undefined;
}

/** The options of `train()`. */
export interface TrainOptions {
  /**
   * Ends the round after this many steps. The next round starts with the first batch of the dataset again,
   * so batches after the limit are never reached if every round has it; a shuffled dataset is shuffled anew,
   * so there the first batches are others. Batches without examples do not count. Default: no limit
   */
  readonly maxSteps?: number | undefined;
  /**
   * Ends the round between two steps, and rejects with the signal's reason. The finished steps remain, and
   * can be saved:
   *
   * @example
   * const interrupt = new AbortController();
   * process.once('SIGINT', () => interrupt.abort());
   * try {
   *   while (true) await estimator.train({ signal: interrupt.signal });
   * } catch (error) {
   *   if (!interrupt.signal.aborted) throw error;
   *   await estimator.saveCkpt();
   * } finally {
   *   await estimator.close();
   * }
   */
  readonly signal?: AbortSignal | undefined;
}

/** The options of `saveCkpt()`. */
export interface SaveCkptOptions {
  /**
   * Save the model even if some of its values are NaN or infinite, or its last training loss is one. The
   * checkpoint is marked, so that it is never the latest or the best one. Default: false
   */
  readonly allowNonFinite?: boolean | undefined;
}

/** The options of `restoreCkpt()`. */
export interface RestoreCkptOptions {
  /**
   * Keep the current learning rate and other hyperparameters of the optimizer, instead of those saved
   * with the checkpoint. Default: false
   */
  readonly keepHyperparameters?: boolean | undefined;
}

/** The options of `restoreLatestCkpt()` and `restoreBestCkpt()`. */
export interface RestoreOptions extends RestoreCkptOptions, RestoreEntryOptions {
  /**
   * If the checkpoint is damaged, restore the intact one that was saved last, and print which were skipped.
   * Default: false
   */
  readonly fallback?: boolean | undefined;
}

/** The options of `recover()`. */
export interface RecoverOptions extends RestoreCkptOptions {
  /** Restore the best checkpoint instead of the latest. Default: false */
  readonly fromBest?: boolean | undefined;
}

/** The options of `validate()`. */
export interface ValidateOptions {
  /** Ends the round between two batches, and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of `evaluate()`. */
export interface EvaluateOptions<Fn extends AnyModelFn = AnyModelFn> {
  readonly inputFn: InputFn<FeaturesOf<Fn>>;
  /**
   * The `isTraining` of the model function: with true, dropout drops and batch normalization normalizes by
   * the batch. The model does not change either way; the moving averages of batch normalization are left
   * alone. Default: false
   */
  readonly isTraining?: boolean | undefined;
  /** Ends the round between two batches, and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of `predict()` for datasets. */
export interface PredictRequestOptions<Form extends PredictionForm = PredictionForm>
  extends PredictOptions<Form> {
  /** Its batches may lack features that the outputs do not need, such as labels. */
  readonly inputFn: InputFn<unknown>;
}
