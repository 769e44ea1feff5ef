import type { CheckpointEntry, CheckpointTensor } from '../ports/checkpoint-store';
import type { MetricMap, OutputMap } from '../specs';
import { Engine } from './engine';
import { ModelGraph } from './model-graph';
import type {
  EstimatorOptions,
  EstimatorPorts,
  EvaluateOptions,
  PredictOptions,
  PredictRequestOptions,
  RestoreOptions,
  SetupOptions,
  TrainOptions,
  ValidateOptions,
} from './options';
import { type PredictContext, predictBatches, predictFeatures } from './predict';
import { parsePredictRequest } from './predict-request';
import type { Prediction, PredictionForm } from './predictions';
import type { EvaluationResult, FeatureInput, FeatureInputs } from './results';
import { SerialQueue } from './serial-queue';
import { Session } from './session';
import { TrainChain } from './train-chain';
import { checkExecution, checkModelFn, checkSeed } from './validate-options';

/** For what an input function may call while another call reads it. */
const nests = { nests: true } as const;

/**
 * Trains, validates, evaluates and predicts with one model, in a loop that is the user's: `setup()`
 * once, then `train()` and `validate()` hand control back after every round.
 *
 * Calls run one after the other, in the order in which they are made. A call that fails leaves the
 * estimator as it was after the last finished step.
 *
 * @typeParam F the features by name
 * @typeParam P the model function's parameters
 * @typeParam M the metrics of the EvaluationSpec
 * @typeParam O the outputs of the PredictSpec
 * @typeParam SaverArgs what `setup()` takes as `trainSaverArgs`
 */
export class Estimator<
  F,
  P,
  M extends MetricMap = MetricMap,
  O extends OutputMap = OutputMap,
  SaverArgs = unknown,
> {
  readonly #ports: EstimatorPorts<SaverArgs>;
  readonly #engine: Engine<F, P, M, O, SaverArgs>;
  readonly #queue = new SerialQueue();
  /** The running model: variables and optimizer, to read and to change. */
  readonly session: Session;
  /** What `setup()` found of the model. */
  readonly graph: ModelGraph;

  /** @throws OptionError without a model function, or for a seed that is none */
  constructor(options: EstimatorOptions<F, P, M, O>, ports: EstimatorPorts<SaverArgs>) {
    checkSeed(options.seed);
    checkModelFn(options.modelFn);
    checkExecution(options.execution);
    const engine = new Engine(options, ports);
    const model = () => engine.ready('session').model;
    this.#ports = ports;
    this.#engine = engine;
    this.session = new Session({
      model,
      changed: () => engine.forgetValidation(),
      fetch: (names, feeds) =>
        this.#queue.run('session.run()', () => engine.fetch(names, feeds), nests),
    });
    this.graph = new ModelGraph(model, () => engine.ready('graph').signature);
  }

  /** Where everything lies. */
  get modelDir(): string {
    return this.#ports.modelDir;
  }

  /** Where the logs of training lie. */
  get trainLogs(): string {
    return this.#ports.logDir('train');
  }

  /** Where the logs of validation lie. */
  get validationLogs(): string {
    return this.#ports.logDir('validation');
  }

  /** Training steps done since the model was new. */
  get globalStep(): number {
    return this.#engine.globalStep;
  }

  /** The model function's parameters. */
  get params(): P {
    return this.#engine.params;
  }

  /** Checkpoints by global step, with the metrics of the validation at their step. */
  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    return this.#engine.checkpoints;
  }

  /**
   * Builds the model on the first batch of the training data and gets the directory ready.
   *
   * Calling it again takes new input functions and options, and keeps the model's state.
   *
   * @returns this estimator
   * @throws OptionError, DatasetError or ModelFnError; then nothing has changed
   */
  setup(options: SetupOptions<SaverArgs>): Promise<this> {
    return this.#queue.run('setup()', async () => {
      await this.#engine.setup(options);
      return this;
    });
  }

  /**
   * Trains for one round: one pass over the training data, or `maxSteps` of it.
   *
   * @returns a chain: await it for this estimator, or go on with `.validate()` or `.saveCkpt()`
   */
  train(options: TrainOptions = {}): TrainChain<this, EvaluationResult<M>> {
    const round = this.#queue.run('train()', async () => {
      await this.#engine.train(options);
      return this;
    });
    const afterRound = <T>(name: string, task: () => Promise<T>): Promise<T> => {
      // Whoever chains learns of a failed round by what is chained.
      round.catch(() => {});
      return this.#queue.run(name, async () => {
        await round;
        return task();
      });
    };
    return new TrainChain(round, {
      validate: (after = {}) => afterRound('validate()', () => this.#validate(after)),
      saveCkpt: () => afterRound('saveCkpt()', () => this.#engine.save()),
    });
  }

  /**
   * Measures the model on the validation data, logs it, and attaches it to the checkpoint of this
   * step, whether that is saved already or next.
   *
   * @returns each metric of the EvaluationSpec by name, and the loss over all examples
   * @throws NotReadyError without a validationInputFn or an EvaluationSpec
   */
  validate(options: ValidateOptions = {}): Promise<EvaluationResult<M>> {
    return this.#queue.run('validate()', () => this.#validate(options), nests);
  }

  async #validate(options: ValidateOptions): Promise<EvaluationResult<M>> {
    return (await this.#engine.validate(options)) as EvaluationResult<M>;
  }

  /**
   * Measures the model on other data. Nothing is logged or remembered.
   *
   * @returns each metric of the EvaluationSpec by name, and the loss over all examples
   * @throws NotReadyError without an EvaluationSpec
   */
  async evaluate(options: EvaluateOptions): Promise<EvaluationResult<M>> {
    const evaluate = () => this.#engine.evaluate(options);
    return (await this.#queue.run('evaluate()', evaluate, nests)) as EvaluationResult<M>;
  }

  /**
   * Predicts batch by batch from an input function.
   *
   * @returns a generator of the PredictSpec's outputs by name, a dictionary for each batch
   */
  predict<Form extends PredictionForm = 'array'>(
    request: PredictRequestOptions<Form>,
  ): AsyncGenerator<Prediction<O, Form>, void, undefined>;
  /**
   * Predicts from features by name. Each is a tensor, a typed array with a shape, or a nested array,
   * whose first dimension is the batch.
   */
  predict<Form extends PredictionForm = 'array'>(
    features: FeatureInputs<F>,
    options?: PredictOptions<Form>,
  ): Promise<Prediction<O, Form>>;
  /** Predicts from features in the order of the input signature, then options. */
  predict<Form extends PredictionForm = 'array'>(
    ...features: readonly (FeatureInput | PredictOptions<Form>)[]
  ): Promise<Prediction<O, Form>>;
  predict(
    ...args: readonly unknown[]
  ): AsyncGenerator<unknown, void, undefined> | Promise<unknown> {
    const request = parsePredictRequest(args);
    const { options } = request;
    if (request.kind === 'features') {
      return this.#whenReady((context) => predictFeatures(context, request.features, options));
    }
    const input = () => this.#engine.input('inputFn of predict()', request.inputFn);
    return predictBatches(input, options, (task) => this.#whenReady(task));
  }

  #whenReady<T>(task: (context: PredictContext) => Promise<T>): Promise<T> {
    const predict = async () => task(await this.#engine.predictContext());
    return this.#queue.run('predict()', predict, nests);
  }

  /**
   * Saves a checkpoint of the variables, the optimizer's state and the global step.
   *
   * @returns its prefix, `…/checkpoints/model_iter-<global step>`; with `saveInBackground` the files
   *   may still be on their way
   */
  saveCkpt(): Promise<string> {
    return this.#queue.run('saveCkpt()', () => this.#engine.save(), nests);
  }

  /**
   * Restores a checkpoint by its prefix.
   *
   * @param file a prefix, as `saveCkpt()` returned it and `checkpoints` lists it
   * @throws VariableMismatchError when it does not fit the model; then nothing has changed
   */
  restoreCkpt(file: string): Promise<void> {
    return this.#queue.run('restoreCkpt()', () => this.#engine.restore(file));
  }

  /**
   * Restores the checkpoint with the greatest global step.
   *
   * @throws NoCheckpointError when there is none; what the store throws when it is damaged
   */
  restoreLatestCkpt(options: RestoreOptions = {}): Promise<void> {
    const restore = () => this.#engine.restoreEntry('latest', options);
    return this.#queue.run('restoreLatestCkpt()', restore);
  }

  /**
   * Restores the checkpoint with the least validation loss; the latest when none was validated.
   *
   * @throws NoCheckpointError when there is none; what the store throws when it is damaged
   */
  restoreBestCkpt(options: RestoreOptions = {}): Promise<void> {
    const restore = () => this.#engine.restoreEntry('best', options);
    return this.#queue.run('restoreBestCkpt()', restore);
  }

  /**
   * Gives variables the values that they have elsewhere: all of them, or none.
   *
   * @param tensors by the names of variables; those that are not named keep their values
   * @throws VariableMismatchError for a name, shape or dtype that the model does not have
   */
  assignVariables(tensors: readonly CheckpointTensor[]): Promise<void> {
    return this.#queue.run('assignVariables()', async () => this.#engine.assign(tensors));
  }

  /**
   * Takes up what the directory holds: input signature, counters, variables, optimizer state. A
   * damaged checkpoint is passed over, and named, for the newest one that is whole. Afterwards
   * `predict()` and `evaluate()` work; `train()` and `validate()` need `setup()`.
   *
   * @param options.fromBest the checkpoint with the least validation loss, instead of the latest
   * @throws NoCheckpointError when there is none
   */
  recover({ fromBest = false }: { readonly fromBest?: boolean | undefined } = {}): Promise<this> {
    return this.#queue.run('fromDisk()', async () => {
      await this.#engine.recover(fromBest ? 'best' : 'latest');
      return this;
    });
  }

  /** Writes out the logs, waits for saves under way, and frees the model. Nothing works afterwards. */
  close(): Promise<void> {
    return this.#queue.run('close()', () => this.#engine.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
