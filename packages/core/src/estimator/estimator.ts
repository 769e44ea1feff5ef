import * as tf from '@tensorflow/tfjs';
import { type InputSignature, signatureOf } from '../dataset';
import { NotReadyError } from '../errors';
import { Model, type ModelSpecs, missingSpec } from '../model/model';
import type { CheckpointEntry } from '../ports/checkpoint-store';
import type { MetricMap, OutputMap } from '../specs';
import { Checkpoints, type Validated } from './checkpoints';
import { dummyFeatures } from './dummy-features';
import { type EstimatorState, jsonOrUndefined, parseState } from './estimator-state';
import { type EvaluationRoundOptions, evaluationRound } from './evaluation-round';
import { formatMetrics } from './format-metrics';
import { type InputFn, InputSource } from './input-source';
import { ModelGraph } from './model-graph';
import type {
  EstimatorOptions,
  EstimatorPorts,
  EvaluateOptions,
  PredictOptions,
  PredictRequestOptions,
  SetupOptions,
  TrainOptions,
  ValidateOptions,
} from './options';
import { type PredictContext, predictBatches, predictFeatures } from './predict';
import { parsePredictRequest } from './predict-request';
import type { Prediction, PredictionForm } from './predictions';
import type { EvaluationResult, FeatureInput, FeatureInputs } from './results';
import { RunLogs } from './run-logs';
import { SerialQueue } from './serial-queue';
import { Session } from './session';
import { TrainChain } from './train-chain';
import { trainRound } from './train-round';
import { checkSeed, checkSetup, checkTrain } from './validate-options';

/** What exists once the model is built. */
interface Built {
  readonly model: Model;
  readonly specs: ModelSpecs;
  readonly signature: InputSignature;
  readonly checkpoints: Checkpoints;
}

/** What exists once `setup()` was called. */
interface Setup {
  readonly options: SetupOptions;
  readonly train: InputSource;
  readonly validation: InputSource | undefined;
}

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
  readonly #options: EstimatorOptions<F, P, M, O>;
  readonly #ports: EstimatorPorts<SaverArgs>;
  readonly #queue = new SerialQueue();
  readonly #logs: RunLogs;
  #built: Built | undefined;
  #setup: Setup | undefined;
  #seed: number;
  #params: P;
  #globalStep = 0;
  #rounds = 0;
  #trainSize: number | undefined;
  #validationSize: number | undefined;
  /** What the last validation gave, until the model changes. */
  #validated: Validated | undefined;

  /** The running model: variables and optimizer, to read and to change. */
  readonly session: Session;
  /** What `setup()` found of the model. */
  readonly graph: ModelGraph;

  constructor(options: EstimatorOptions<F, P, M, O>, ports: EstimatorPorts<SaverArgs>) {
    checkSeed(options.seed);
    this.#options = options;
    this.#ports = ports;
    this.#seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    this.#params = options.params ?? ({} as P);
    this.#logs = new RunLogs((run, globalStep) => ports.summaries(run, globalStep));
    const model = () => this.#ready('session').model;
    this.session = new Session(model);
    this.graph = new ModelGraph(model, () => this.#ready('graph').signature);
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
    return this.#globalStep;
  }

  /** The model function's parameters. */
  get params(): P {
    return this.#params;
  }

  /** Checkpoints by global step, with the metrics of the validation at their step. */
  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    return this.#built?.checkpoints.entries ?? new Map();
  }

  #ready(method: string): Built {
    if (this.#built !== undefined) return this.#built;
    throw new NotReadyError(
      `Must call setup, or start from a directory with fromDisk, before using ${method}`,
    );
  }

  #settled(method: 'train' | 'validate'): Setup & { readonly input: InputSource } {
    const input = method === 'train' ? this.#setup?.train : this.#setup?.validation;
    if (this.#setup !== undefined && input !== undefined) return { ...this.#setup, input };
    const missing = method === 'train' ? 'trainInputFn' : 'validationInputFn';
    throw new NotReadyError(`Must call setup with ${missing} before using the ${method} method`);
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
    return this.#queue.run(async () => {
      checkSetup(options);
      await this.#ports.prepareBackend();
      const { dataKeys, inputShapes } = options;
      const train = new InputSource('trainInputFn', options.trainInputFn, dataKeys);
      const validation =
        options.validationInputFn &&
        new InputSource('validationInputFn', options.validationInputFn, dataKeys);
      const batch = await train.first();
      try {
        const signature = openDimensions(signatureOf(batch), inputShapes);
        await this.#build(signature, batch.tensors, options.trainSaverArgs);
      } finally {
        batch.dispose();
      }
      await this.#logs.start(this.#globalStep, validation ? ['train', 'validation'] : ['train']);
      // A new file would void the logs of an earlier run, which may be about to be restored.
      if (!this.#ready('setup').checkpoints.areForeign) this.#logs.open();
      this.#setup = { options, train, validation };
      return this;
    });
  }

  /** Makes the variables and opens the checkpoints; all of it or nothing. */
  async #build(
    signature: InputSignature,
    features: Readonly<Record<string, tf.Tensor>>,
    saverArgs: SaverArgs | undefined,
  ): Promise<Built> {
    const { modelFn } = this.#options;
    const model =
      this.#built?.model ?? new Model({ modelFn, params: this.#params, seed: this.#seed });
    const specs = model.build({
      features,
      signature: Object.keys(signature),
      seed: ['build'],
      isTraining: true,
    });
    try {
      const checkpoints = await this.#openCheckpoints(saverArgs);
      await this.#built?.checkpoints.close();
      this.#built = { model, specs, signature, checkpoints };
      return this.#built;
    } catch (error) {
      if (this.#built === undefined) model.dispose();
      throw error;
    }
  }

  async #openCheckpoints(saverArgs?: SaverArgs): Promise<Checkpoints> {
    const store = this.#ports.checkpoints(saverArgs);
    await store.open();
    return new Checkpoints(store, this.modelDir, this.#built?.checkpoints.areOwn ?? false);
  }

  /**
   * Trains for one round: one pass over the training data, or `maxSteps` of it.
   *
   * @returns a chain: await it for this estimator, or go on with `.validate()` or `.saveCkpt()`
   */
  train(options: TrainOptions = {}): TrainChain<this, EvaluationResult<M>> {
    return new TrainChain(
      this.#queue.run(async () => {
        const { input, options: setup } = this.#settled('train');
        checkTrain(options);
        const { model, signature, checkpoints } = this.#ready('train');
        checkpoints.refuseForeign();
        const { maxSteps = Number.POSITIVE_INFINITY, signal } = options;
        const total = this.#trainSize && Math.min(this.#trainSize, maxSteps);
        try {
          this.#trainSize = await trainRound({
            model,
            input,
            signature,
            iteration: this.#rounds,
            maxSteps,
            signal,
            progress: this.#ports.progress,
            task: { label: `Training (${this.#rounds + 1})`, total },
            sink: this.#logs.sink('train'),
            summarySteps: setup.summarySteps ?? 1,
            nanPolicy: setup.nanPolicy ?? 'throw',
            globalStep: this.#globalStep,
            onStep: (globalStep) => {
              this.#globalStep = globalStep;
            },
          });
          this.#rounds += 1;
        } finally {
          await this.#logs.flush();
        }
        return this;
      }),
    );
  }

  /**
   * Measures the model on the validation data, logs it, and attaches it to the checkpoint of this
   * step, whether that is saved already or next.
   *
   * @returns each metric of the EvaluationSpec by name, and the loss over all examples
   * @throws NotReadyError without a validationInputFn or an EvaluationSpec
   */
  validate({ signal }: ValidateOptions = {}): Promise<EvaluationResult<M>> {
    return this.#queue.run(async () => {
      const { input } = this.#settled('validate');
      const { checkpoints } = this.#ready('validate');
      const sink = this.#logs.sink('validation');
      const task = { label: 'Validation', total: this.#validationSize };
      try {
        const { steps, result } = await this.#measure({
          input,
          isTraining: false,
          task,
          signal,
          sink,
        });
        this.#validationSize = steps;
        this.#ports.progress.message(formatMetrics(result));
        const metrics = numbersOf(result);
        const globalStep = this.#globalStep;
        sink.scalars(
          Object.entries(metrics).map(([tag, value]) => ({ tag, value, step: globalStep })),
        );
        this.#validated = { globalStep, metrics };
        await checkpoints.record(this.#validated);
        return result;
      } finally {
        await this.#logs.flush();
      }
    });
  }

  /**
   * Measures the model on other data. Nothing is logged or remembered.
   *
   * @returns each metric of the EvaluationSpec by name, and the loss over all examples
   * @throws NotReadyError without an EvaluationSpec
   */
  evaluate({ inputFn, isTraining = false, signal }: EvaluateOptions): Promise<EvaluationResult<M>> {
    return this.#queue.run(async () => {
      const input = new InputSource('inputFn of evaluate()', inputFn, this.#dataKeys);
      const task = { label: 'Evaluation' };
      return (await this.#measure({ input, isTraining, task, signal })).result;
    });
  }

  async #measure(
    options: Pick<EvaluationRoundOptions, 'input' | 'isTraining' | 'task' | 'signal' | 'sink'>,
  ): Promise<{ readonly steps: number; readonly result: EvaluationResult<M> }> {
    const { model, signature } = this.#ready('evaluate');
    const { progress } = this.#ports;
    const { loss, metrics, steps } = await evaluationRound({
      ...options,
      model,
      signature,
      progress,
      globalStep: this.#globalStep,
    });
    return { steps, result: { ...metrics, loss } as unknown as EvaluationResult<M> };
  }

  get #dataKeys(): readonly string[] | undefined {
    return this.#setup?.options.dataKeys ?? this.#recovered?.dataKeys;
  }

  /** The state that `recover()` read. */
  #recovered: EstimatorState | undefined;

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
    if (request.kind === 'inputFn') return this.#predictAll(request.inputFn, options);
    return this.#queue.run(async () => {
      const context = this.#predictContext();
      await this.#ports.prepareBackend();
      return predictFeatures(context, request.features, options);
    });
  }

  async *#predictAll(
    inputFn: InputFn,
    options: PredictOptions,
  ): AsyncGenerator<unknown, void, undefined> {
    const context = () => this.#predictContext();
    context();
    await this.#ports.prepareBackend();
    const input = new InputSource('inputFn of predict()', inputFn, this.#dataKeys);
    yield* predictBatches(context, input, options, (task) => this.#queue.run(task));
  }

  #predictContext(): PredictContext {
    const { model, signature, specs } = this.#ready('predict');
    if (!specs.predicts) throw new NotReadyError(missingSpec('PredictSpec', 'predict'));
    return { model, signature, globalStep: this.#globalStep };
  }

  /**
   * Saves a checkpoint of the variables, the optimizer's state and the global step.
   *
   * @returns its prefix, `…/checkpoints/model_iter-<global step>`
   */
  saveCkpt(): Promise<string> {
    return this.#queue.run(async () => {
      const { model, checkpoints } = this.#ready('saveCkpt');
      return checkpoints.save(model, this.#globalStep, this.#validated, this.#state());
    });
  }

  #state(): EstimatorState {
    return {
      version: 1,
      rounds: this.#rounds,
      trainSize: this.#trainSize,
      validationSize: this.#validationSize,
      seed: this.#seed,
      inputSignature: this.#ready('saveCkpt').signature,
      dataKeys: this.#dataKeys,
      params: jsonOrUndefined(this.#params),
    };
  }

  /**
   * Restores a checkpoint by its prefix.
   *
   * @param file a prefix, as `saveCkpt()` returned it and `checkpoints` lists it
   * @throws VariableMismatchError when it does not fit the model; then nothing has changed
   */
  restoreCkpt(file: string): Promise<void> {
    return this.#queue.run(() => this.#restore(file));
  }

  /**
   * Restores the checkpoint with the greatest global step.
   *
   * @throws NoCheckpointError when there is none
   */
  restoreLatestCkpt(): Promise<void> {
    return this.#queue.run(async () =>
      this.#restore(this.#ready('restoreLatestCkpt').checkpoints.latest().file),
    );
  }

  /**
   * Restores the checkpoint with the least validation loss; the latest when none was validated.
   *
   * @throws NoCheckpointError when there is none
   */
  restoreBestCkpt(): Promise<void> {
    return this.#queue.run(async () =>
      this.#restore(this.#ready('restoreBestCkpt').checkpoints.best().file),
    );
  }

  async #restore(file: string): Promise<void> {
    const { model, checkpoints } = this.#ready('restoreCkpt');
    const { globalStep, validated } = await checkpoints.restore(model, file);
    this.#globalStep = globalStep ?? this.#globalStep;
    this.#validated = validated;
    await this.#logs.start(this.#globalStep);
  }

  /**
   * Takes up what the directory holds: input signature, counters, variables, optimizer state.
   * Afterwards `predict()` and `evaluate()` work; `train()` and `validate()` need `setup()`.
   *
   * @param options.fromBest the checkpoint with the least validation loss, instead of the latest
   * @throws NoCheckpointError when there is none
   */
  recover({ fromBest = false }: { readonly fromBest?: boolean | undefined } = {}): Promise<this> {
    return this.#queue.run(async () => {
      const found = await this.#openCheckpoints();
      found.latest();
      const state = parseState(found.state);
      await found.close();
      await this.#ports.prepareBackend();
      this.#seed = this.#options.seed ?? state.seed;
      this.#params = this.#options.params ?? ((state.params ?? {}) as P);
      const features = dummyFeatures(state.inputSignature);
      try {
        const { checkpoints } = await this.#build(state.inputSignature, features, undefined);
        await this.#restore((fromBest ? checkpoints.best() : checkpoints.latest()).file);
      } finally {
        tf.dispose(features);
      }
      this.#recovered = state;
      this.#rounds = state.rounds;
      this.#trainSize = state.trainSize;
      this.#validationSize = state.validationSize;
      return this;
    });
  }

  /** Writes out the logs, waits for saves under way, and frees the model. Nothing works afterwards. */
  async close(): Promise<void> {
    await this.#queue.run(async () => {
      await this.#logs.close();
      await this.#built?.checkpoints.close();
      this.#built?.model.dispose();
      this.#built = undefined;
      this.#setup = undefined;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A signature with the shapes that the user declared in place of the first batch's. */
const openDimensions = (
  signature: InputSignature,
  shapes: SetupOptions['inputShapes'] = {},
): InputSignature =>
  Object.fromEntries(
    Object.entries(signature).map(([name, { dtype, shape }]) => [
      name,
      { dtype, shape: shapes[name] ?? shape },
    ]),
  );

const numbersOf = (result: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  );
