import {
  assertArguments,
  checkAsyncMethods,
  checkMethods,
  kinds,
  optional,
  required,
} from '@elistimator/internal';
import { NotReadyError, OptionError } from '../errors';
import type { EstimatorPorts } from '../lifecycle/context';
import type { LifecycleSetupOptions } from '../lifecycle/setup';
import type { Hyperparameters } from '../model/hyperparameters';
import type { CheckpointEntry, CheckpointTensor } from '../ports';
import {
  type PredictContext,
  type PredictOptions,
  predictBatches,
  predictFeatures,
} from '../rounds/predict';
import type { Prediction, PredictionForm } from '../rounds/predictions';
import type { AnyModelFn, FeaturesOf, MetricsOf, OutputsOf, ParamsOf } from '../specs';
import { CallQueue } from './call-queue';
import { ModelGraph } from './model-graph';
import { Operations } from './operations';
import type {
  EstimatorOptions,
  EvaluateOptions,
  PredictRequestOptions,
  RecoverOptions,
  RestoreCkptOptions,
  RestoreOptions,
  SaveCkptOptions,
  SetupOptions,
  TrainOptions,
  ValidateOptions,
} from './options';
import { parsePredictRequest } from './predict-request';
import type { EvaluationResult, FeatureInput, FeatureInputs } from './results';
import { Session } from './session';
import { TrainChain } from './train-chain';
import { assertPrefix, copyCheckpointTensors } from './validate-arguments';
import {
  assertEstimatorOptions,
  assertEvaluateOptions,
  assertRestoreOptions,
  assertSaveOptions,
  assertSetupOptions,
  assertTrainOptions,
  assertValidateOptions,
} from './validate-options';

/** For calls that input functions, reporters and triggers may make while another call runs. */
const nests = { nests: true } as const;

/**
 * Trains, validates, evaluates and predicts with one model, in a loop that is the user's: `setup()`
 * once, then `train()` and `validate()` return control after every round.
 *
 * Calls run one at a time, in the order in which they are made. A call that fails leaves the estimator
 * as it was after the last finished step.
 *
 * @typeParam Fn the type of the model function, from which features, parameters, metrics and outputs
 *   are inferred
 * @typeParam SaverArgs the `trainSaverArgs` of `setup()`
 */
export class Estimator<Fn extends AnyModelFn = AnyModelFn, SaverArgs = unknown> {
  readonly #ports: EstimatorPorts;
  readonly #operations: Operations;
  readonly #queue = new CallQueue();
  /** The running model: its variables and optimizer, to read and to change. */
  readonly session: Session;
  /** The built model: inputs, variables, operations. */
  readonly graph: ModelGraph;

  /** @throws OptionError for an unknown option or an invalid value */
  constructor(options: EstimatorOptions<Fn>, ports: EstimatorPorts) {
    assertArguments('new Estimator()', arguments, {
      options: required(),
      ports: required(kinds.object),
    });
    assertEstimatorOptions(options);
    const operations = new Operations(options, ports);
    this.#ports = ports;
    this.#operations = operations;
    this.session = new Session({
      model: () => operations.built('session').model,
      onAssigned: () => operations.forgetValidation(),
      fetch: (names, feeds) =>
        this.#queue.run('session.run()', () => operations.fetch(names, feeds), nests),
    });
    this.graph = new ModelGraph(() => operations.built('graph'));
  }

  /** The absolute path of the directory with checkpoints and logs. */
  get modelDir(): string {
    return this.#ports.modelDir;
  }

  /** The directory with the logs of training. */
  get trainLogs(): string {
    return this.#ports.logDir('train');
  }

  /** The directory with the logs of validation. */
  get validationLogs(): string {
    return this.#ports.logDir('validation');
  }

  /** The number of training steps taken since the model was created. */
  get globalStep(): number {
    return this.#operations.globalStep;
  }

  /**
   * The model function's parameters. After `fromDisk()` without `params` they are the JSON that the
   * directory stores, which is not checked against the type.
   */
  get params(): ParamsOf<Fn> {
    return this.#operations.params as ParamsOf<Fn>;
  }

  /**
   * All checkpoints by ascending global step, each with the metrics of the validation at its step, and a
   * mark if it is abandoned or not finite. A copy of what was read last: restoring one, `train()` and
   * `saveCkpt()` look at the directory, in which another process may have saved.
   */
  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    return this.#operations.checkpoints;
  }

  /**
   * The optimizer's learning rate; undefined before `setup()`, and for a custom optimizer without one.
   *
   * Setting it takes effect at the next step, whichever way steps are executed, and nothing is traced
   * again. It is saved with every checkpoint and restored from it.
   *
   * @throws NotReadyError when it is set before `setup()` or `fromDisk()`
   * @throws OptionError when it is set to something other than a finite number
   */
  get learningRate(): number | undefined {
    return this.hyperparameters.learningRate;
  }

  set learningRate(value: number) {
    if (typeof value !== 'number') {
      throw new OptionError({
        subject: 'learningRate',
        expected: 'a finite number',
        actual: String(value),
        fix: 'Assign a number, such as 0.001.',
      });
    }
    this.setHyperparameters({ learningRate: value });
  }

  /**
   * The optimizer's hyperparameters by tfjs's names: `learningRate`, and `momentum`, `decay`, `rho`,
   * `beta1`, `beta2`, `epsilon`, as far as it has them. Empty before `setup()`. A frozen copy: change
   * them with `setHyperparameters()`.
   */
  get hyperparameters(): Hyperparameters {
    try {
      const { optimizer } = this.#operations.built('hyperparameters').model;
      return Object.freeze({ ...optimizer.hyperparameters });
    } catch (error) {
      if (error instanceof NotReadyError) return {};
      throw error;
    }
  }

  /**
   * Changes some of the optimizer's hyperparameters: all that are given, or none. Like `learningRate`,
   * they take effect at the next step, and are saved and restored with checkpoints.
   *
   * @throws NotReadyError before `setup()` or `fromDisk()`
   * @throws OptionError for one that the optimizer does not have, or that is not a finite number
   * @example
   * estimator.setHyperparameters({ learningRate: 1e-4, momentum: 0.8 });
   */
  setHyperparameters(changes: Hyperparameters): void {
    this.#operations.built('setHyperparameters').model.optimizer.setHyperparameters(changes);
  }

  /**
   * Builds the model on the first batch of the training data and prepares the directory.
   *
   * Calling it again takes new input functions and options, and keeps the model's state.
   *
   * @returns this estimator
   * @throws OptionError, DatasetError or ModelFnError; then nothing has changed
   */
  setup(options: SetupOptions<Fn, SaverArgs>): Promise<this> {
    return this.#queue.run('setup()', async () => {
      assertSetupOptions(options);
      await this.#operations.setup(options as LifecycleSetupOptions);
      return this;
    });
  }

  /**
   * Trains for one round: one pass over the training data, or `maxSteps` of it.
   *
   * @returns a chain: await it for this estimator, or call `.validate()` or `.saveCkpt()` on it
   * @throws NotReadyError before `setup()`; OptionError for an invalid option; NonFiniteLossError
   */
  train(options: TrainOptions = {}): TrainChain<this, EvaluationResult<MetricsOf<Fn>>> {
    const round = this.#queue.run('train()', async () => {
      assertTrainOptions(options);
      const { maxSteps = Number.POSITIVE_INFINITY, signal } = options;
      await this.#operations.train(maxSteps, signal);
      return this;
    });
    const afterRound = <T>(name: string, task: () => Promise<T>): Promise<T> => {
      // The chained promise rejects with the same error, so this one counts as handled.
      round.catch(() => {});
      return this.#queue.run(name, async () => {
        await round;
        return task();
      });
    };
    return new TrainChain(round, {
      validate: (after = {}) => afterRound('validate()', () => this.#validate(after)),
      saveCkpt: (after = {}) => afterRound('saveCkpt()', () => this.#save(after)),
    });
  }

  /**
   * Evaluates the model on the validation data, logs the results, and attaches them to the checkpoint
   * of this step, whether that is already saved or saved next.
   *
   * @returns each metric of the EvaluationSpec by name, and the loss over all examples, without the
   *   penalties of regularizers
   * @throws NotReadyError without a validationInputFn or an EvaluationSpec
   */
  validate(options: ValidateOptions = {}): Promise<EvaluationResult<MetricsOf<Fn>>> {
    return this.#queue.run('validate()', () => this.#validate(options), nests);
  }

  async #validate(options: ValidateOptions): Promise<EvaluationResult<MetricsOf<Fn>>> {
    assertValidateOptions(options);
    return (await this.#operations.validate(options.signal)) as EvaluationResult<MetricsOf<Fn>>;
  }

  /**
   * Evaluates the model on other data. Nothing is logged or remembered.
   *
   * @returns each metric of the EvaluationSpec by name, and the loss over all examples
   * @throws NotReadyError without an EvaluationSpec
   */
  async evaluate(options: EvaluateOptions<Fn>): Promise<EvaluationResult<MetricsOf<Fn>>> {
    const evaluate = async () => {
      assertEvaluateOptions(options);
      const { inputFn, isTraining = false, signal } = options;
      return this.#operations.evaluate(inputFn, isTraining, signal);
    };
    const result = await this.#queue.run('evaluate()', evaluate, nests);
    return result as EvaluationResult<MetricsOf<Fn>>;
  }

  /**
   * Predicts batch by batch from an input function.
   *
   * @returns a generator of the PredictSpec's outputs by name, a dictionary for each batch
   */
  predict<Form extends PredictionForm = 'array'>(
    request: PredictRequestOptions<Form>,
  ): AsyncGenerator<Prediction<OutputsOf<Fn>, Form>, void, undefined>;
  /**
   * Predicts from features by name. Each is a tensor, a typed array with a shape, or a nested array,
   * whose first dimension is the batch. Features that the outputs do not need may be absent.
   */
  predict<Form extends PredictionForm = 'array'>(
    features: FeatureInputs<FeaturesOf<Fn>>,
    options?: PredictOptions<Form>,
  ): Promise<Prediction<OutputsOf<Fn>, Form>>;
  /** Predicts from features in the order of the input signature. */
  predict(
    ...features: readonly [FeatureInput, ...FeatureInput[]]
  ): Promise<Prediction<OutputsOf<Fn>>>;
  /** Predicts from features in the order of the input signature, followed by options. */
  predict<Form extends PredictionForm = 'array'>(
    ...features: readonly [FeatureInput, ...FeatureInput[], PredictOptions<Form>]
  ): Promise<Prediction<OutputsOf<Fn>, Form>>;
  predict(
    ...args: readonly unknown[]
  ): AsyncGenerator<unknown, void, undefined> | Promise<unknown> {
    const request = parsePredictRequest(args);
    const { options } = request;
    if (request.kind === 'features') {
      return this.#predictInTurn((context) => predictFeatures(context, request.features, options));
    }
    return predictBatches(
      (signature) => this.#operations.predictInput(request.inputFn, signature),
      options,
      (task) => this.#predictInTurn(task),
    );
  }

  #predictInTurn<T>(task: (context: PredictContext) => Promise<T>): Promise<T> {
    const predict = async () => task(await this.#operations.predictContext());
    return this.#queue.run('predict()', predict, nests);
  }

  /**
   * Saves a checkpoint of the variables, the optimizer's state and the global step.
   *
   * @returns its prefix, `…/checkpoints/model_iter-<global step>`; with `saveInBackground` the files
   *   may still be written afterwards
   * @throws NonFiniteCheckpointError when the model has NaN or infinite values, or its last training loss
   *   is one, unless `allowNonFinite` is set; then nothing was saved
   */
  saveCkpt(options: SaveCkptOptions = {}): Promise<string> {
    return this.#queue.run('saveCkpt()', () => this.#save(options), nests);
  }

  async #save(options: SaveCkptOptions): Promise<string> {
    assertSaveOptions(options);
    return this.#operations.save(options);
  }

  /**
   * Restores a checkpoint by its prefix: variables, optimizer state, counters, and the learning rate
   * and other hyperparameters that were saved with it.
   *
   * @param file a prefix, as `saveCkpt()` returns it and `checkpoints` lists it
   * @throws VariableMismatchError when it does not fit the model; then nothing has changed
   * @throws OptionError for a step number, an entry, or a file's name in place of a prefix
   */
  restoreCkpt(file: string, options: RestoreCkptOptions = {}): Promise<void> {
    return this.#queue.run('restoreCkpt()', async () => {
      assertPrefix(file);
      assertRestoreOptions('restoreCkpt()', options);
      await this.#operations.restore(file, options);
    });
  }

  /**
   * Restores the checkpoint that was saved last, like `restoreCkpt()`. It looks at the directory, so that
   * it also finds what another process has saved. Checkpoints of an abandoned branch, which was left by
   * restoring an earlier checkpoint and saving another one, and checkpoints that are not finite are
   * restored only by their prefix.
   *
   * @throws NoCheckpointError when there is none; what the store throws when it is damaged
   */
  restoreLatestCkpt(options: RestoreOptions = {}): Promise<void> {
    return this.#restoreEntry('latest', 'restoreLatestCkpt()', options);
  }

  /**
   * Restores the best checkpoint, like `restoreLatestCkpt()`: by default the one with the least
   * validation loss; of equal ones, the one saved last. When none was validated, or none has a finite
   * value, it restores the latest and prints a message.
   *
   * @throws NoCheckpointError when there is none; what the store throws when it is damaged, or when
   *   checkpoints were validated and none has the metric
   */
  restoreBestCkpt(options: RestoreOptions = {}): Promise<void> {
    return this.#restoreEntry('best', 'restoreBestCkpt()', options);
  }

  #restoreEntry(choice: 'latest' | 'best', method: string, options: RestoreOptions): Promise<void> {
    return this.#queue.run(method, async () => {
      assertRestoreOptions(method, options, { fallback: true });
      await this.#operations.restoreEntry(choice, options);
    });
  }

  /**
   * Assigns values to variables: all of them, or none.
   *
   * @param tensors by the names of variables; other variables keep their values
   * @throws OptionError for values that do not fit their dtype and shape
   * @throws VariableMismatchError for a name, shape or dtype that the model does not have
   */
  async assignVariables(tensors: readonly CheckpointTensor[]): Promise<void> {
    // Copied now: the caller may change its arrays while this call waits for others.
    const copies = copyCheckpointTensors(tensors);
    return this.#queue.run('assignVariables()', () => this.#operations.assign(copies));
  }

  /**
   * Restores what the directory holds: input signature, counters, variables, optimizer state and
   * hyperparameters. Damaged checkpoints are skipped with a message. Afterwards `predict()` and
   * `evaluate()` work; `train()` and `validate()` need `setup()`.
   *
   * @throws NoCheckpointError when the directory holds none
   */
  recover(options: RecoverOptions = {}): Promise<this> {
    return this.#queue.run('fromDisk()', async () => {
      assertRestoreOptions('fromDisk()', options, { fromBest: true });
      const { fromBest = false, keepHyperparameters } = options;
      await this.#operations.recover(fromBest ? 'best' : 'latest', { keepHyperparameters });
      return this;
    });
  }

  /** Writes out the logs, waits for saves in progress, and frees the model. Later calls fail. */
  close(): Promise<void> {
    return this.#queue.run('close()', () => this.#operations.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

checkMethods(Estimator.prototype, '', {
  train: { options: optional() },
  setHyperparameters: { changes: required(kinds.object) },
});
checkAsyncMethods(Estimator.prototype, '', {
  setup: { options: optional() },
  validate: { options: optional() },
  evaluate: { options: optional() },
  saveCkpt: { options: optional() },
  restoreCkpt: { file: optional(), options: optional() },
  restoreLatestCkpt: { options: optional() },
  restoreBestCkpt: { options: optional() },
  assignVariables: { tensors: optional() },
  recover: { options: optional() },
  close: {},
});
