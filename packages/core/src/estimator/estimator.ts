import * as tf from '@tensorflow/tfjs';
import { type InputSignature, signatureOf } from '../dataset';
import { NotReadyError, StateError } from '../errors';
import { type FeatureTensors, Model, type ModelSpecs, missingSpec } from '../model/model';
import type { CheckpointEntry } from '../ports/checkpoint-store';
import type { MetricMap, OutputMap } from '../specs';
import { Checkpoints, type Validated } from './checkpoints';
import { dummyFeatures, type ExampleShapes, exampleShapesOf } from './dummy-features';
import { type EstimatorState, jsonOrUndefined, parseState } from './estimator-state';
import { type EvaluationRoundOptions, evaluationRound } from './evaluation-round';
import { formatMetrics } from './format-metrics';
import { type InputFn, InputSource } from './input-source';
import { ModelGraph } from './model-graph';
import { openDimensions } from './open-dimensions';
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
import {
  checkInputFn,
  checkModelFn,
  checkPrefix,
  checkSeed,
  checkSetup,
  checkTrain,
} from './validate-options';

/** What exists once the model is built. */
interface Built {
  readonly model: Model;
  readonly specs: ModelSpecs;
  readonly signature: InputSignature;
  readonly exampleShapes: ExampleShapes;
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
  #dataKeys: readonly string[] | undefined;
  #saverArgs: SaverArgs | undefined;
  #isClosed = false;

  /** The running model: variables and optimizer, to read and to change. */
  readonly session: Session;
  /** What `setup()` found of the model. */
  readonly graph: ModelGraph;

  constructor(options: EstimatorOptions<F, P, M, O>, ports: EstimatorPorts<SaverArgs>) {
    checkSeed(options.seed);
    checkModelFn(options.modelFn);
    this.#options = options;
    this.#ports = ports;
    this.#seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    this.#params = options.params ?? ({} as P);
    this.#logs = new RunLogs((run, globalStep) => ports.summaries(run, globalStep));
    const model = () => this.#ready('session').model;
    this.session = new Session(model, () => {
      this.#validated = undefined;
    });
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
    return this.#queue.run('setup()', async () => {
      checkSetup(options);
      this.#refuseClosed();
      await this.#ports.prepareBackend();
      const { validationInputFn, inputShapes } = options;
      const dataKeys = options.dataKeys ?? this.#dataKeys;
      const saverArgs = options.trainSaverArgs ?? this.#saverArgs;
      const train = new InputSource('trainInputFn', options.trainInputFn, dataKeys);
      const validation =
        validationInputFn && new InputSource('validationInputFn', validationInputFn, dataKeys);
      const batch = await train.first();
      try {
        const earlier = this.#built?.signature;
        const signature = openDimensions(signatureOf(batch), inputShapes, earlier);
        await this.#build(signature, batch.tensors, saverArgs, async ({ checkpoints }) => {
          await this.#logs.start(
            this.#globalStep,
            validation ? ['train', 'validation'] : ['train'],
          );
          // A new file would void the logs of an earlier run, which may be about to be restored.
          if (!checkpoints.areForeign) this.#logs.open();
        });
      } finally {
        batch.dispose();
      }
      this.#dataKeys = dataKeys;
      this.#saverArgs = saverArgs;
      this.#setup = { options, train, validation };
      return this;
    });
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new NotReadyError('This estimator was closed: make a new one.');
  }

  /**
   * Makes the variables, opens the checkpoints and runs `use` on them; when any of that fails,
   * everything is as before.
   */
  async #build(
    signature: InputSignature,
    features: FeatureTensors,
    saverArgs: SaverArgs | undefined,
    use: (built: Built) => Promise<void>,
  ): Promise<void> {
    const before = this.#built;
    const { modelFn } = this.#options;
    const model = before?.model ?? new Model({ modelFn, params: this.#params, seed: this.#seed });
    let checkpoints: Checkpoints | undefined;
    try {
      const names = Object.keys(signature);
      const specs = model.build({ features, signature: names, seed: ['build'], isTraining: true });
      checkpoints = await this.#openCheckpoints(saverArgs);
      const exampleShapes = exampleShapesOf(features);
      this.#built = { model, specs, signature, exampleShapes, checkpoints };
      await use(this.#built);
    } catch (error) {
      this.#built = before;
      await checkpoints?.close();
      if (before === undefined) model.dispose();
      throw error;
    }
    await before?.checkpoints.close();
  }

  async #openCheckpoints(saverArgs: SaverArgs | undefined): Promise<Checkpoints> {
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
    const round = this.#queue.run('train()', async () => {
      await this.#train(options);
      return this;
    });
    const afterRound = <T>(name: string, task: () => Promise<T>): Promise<T> =>
      this.#queue.run(name, async () => {
        await round;
        return task();
      });
    return new TrainChain(round, {
      validate: () => afterRound('validate()', () => this.#validate({})),
      saveCkpt: () => afterRound('saveCkpt()', () => this.#save()),
    });
  }

  async #train(options: TrainOptions): Promise<void> {
    const { input, options: setup } = this.#settled('train');
    checkTrain(options);
    const { model, signature, checkpoints } = this.#ready('train');
    await checkpoints.refuseForeign();
    await this.#ports.prepareBackend();
    const { maxSteps = Number.POSITIVE_INFINITY, signal } = options;
    const total = this.#trainSize && Math.min(this.#trainSize, maxSteps);
    await this.#logged(async () => {
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
    });
  }

  /** Runs a task and writes its logs out; its own failure comes before one of the logs. */
  async #logged<T>(task: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await task();
    } catch (error) {
      await this.#logs.flush().catch(() => {});
      throw error;
    }
    await this.#logs.flush();
    return result;
  }

  /**
   * Measures the model on the validation data, logs it, and attaches it to the checkpoint of this
   * step, whether that is saved already or next.
   *
   * @returns each metric of the EvaluationSpec by name, and the loss over all examples
   * @throws NotReadyError without a validationInputFn or an EvaluationSpec
   */
  validate(options: ValidateOptions = {}): Promise<EvaluationResult<M>> {
    return this.#queue.run('validate()', () => this.#validate(options), { nests: true });
  }

  async #validate({ signal }: ValidateOptions): Promise<EvaluationResult<M>> {
    const { input } = this.#settled('validate');
    const { checkpoints } = this.#ready('validate');
    const sink = this.#logs.sink('validation');
    const task = { label: 'Validation', total: this.#validationSize };
    return this.#logged(async () => {
      const options = { input, isTraining: false, task, signal, sink };
      const { steps, result } = await this.#measure('validate()', options);
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
    });
  }

  /**
   * Measures the model on other data. Nothing is logged or remembered.
   *
   * @returns each metric of the EvaluationSpec by name, and the loss over all examples
   * @throws NotReadyError without an EvaluationSpec
   */
  evaluate(options: EvaluateOptions): Promise<EvaluationResult<M>> {
    const evaluate = async () => {
      checkInputFn('evaluate', 'inputFn', options?.inputFn);
      const { inputFn, isTraining = false, signal } = options;
      const input = new InputSource('inputFn of evaluate()', inputFn, this.#dataKeys);
      const task = { label: 'Evaluation' };
      return (await this.#measure('evaluate()', { input, isTraining, task, signal })).result;
    };
    return this.#queue.run('evaluate()', evaluate, { nests: true });
  }

  async #measure(
    method: string,
    options: Pick<EvaluationRoundOptions, 'input' | 'isTraining' | 'task' | 'signal' | 'sink'>,
  ): Promise<{ readonly steps: number; readonly result: EvaluationResult<M> }> {
    const { model, signature, specs } = this.#ready(method);
    if (!specs.evaluates) throw new NotReadyError(missingSpec('EvaluationSpec', method));
    await this.#ports.prepareBackend();
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
    return this.#whenReady((context) => predictFeatures(context, request.features, options));
  }

  #whenReady<T>(task: (context: PredictContext) => Promise<T>): Promise<T> {
    const predict = async () => {
      const context = this.#predictContext();
      await this.#ports.prepareBackend();
      return task(context);
    };
    return this.#queue.run('predict()', predict, { nests: true });
  }

  async *#predictAll(
    inputFn: InputFn,
    options: PredictOptions,
  ): AsyncGenerator<unknown, void, undefined> {
    const input = await this.#whenReady(
      async () => new InputSource('inputFn of predict()', inputFn, this.#dataKeys),
    );
    const signature = () => this.#predictContext().signature;
    yield* predictBatches(signature, input, options, (task) => this.#whenReady(task));
  }

  #predictContext(): PredictContext {
    const { model, signature, specs } = this.#ready('predict');
    if (!specs.predicts) throw new NotReadyError(missingSpec('PredictSpec', 'predict()'));
    return { model, signature, globalStep: this.#globalStep };
  }

  /**
   * Saves a checkpoint of the variables, the optimizer's state and the global step.
   *
   * @returns its prefix, `…/checkpoints/model_iter-<global step>`
   */
  saveCkpt(): Promise<string> {
    return this.#queue.run('saveCkpt()', () => this.#save(), { nests: true });
  }

  async #save(): Promise<string> {
    const { model, checkpoints } = this.#ready('saveCkpt');
    return checkpoints.save(model, this.#globalStep, this.#validated, this.#state());
  }

  #state(): EstimatorState {
    const { signature, exampleShapes } = this.#ready('saveCkpt');
    const params = jsonOrUndefined(this.#params);
    return {
      version: 1,
      rounds: this.#rounds,
      trainSize: this.#trainSize,
      validationSize: this.#validationSize,
      seed: this.#seed,
      inputSignature: signature,
      exampleShapes,
      dataKeys: this.#dataKeys,
      saverArgs: jsonOrUndefined(this.#saverArgs),
      params,
      paramsAreLost: params === undefined,
    };
  }

  /**
   * Restores a checkpoint by its prefix.
   *
   * @param file a prefix, as `saveCkpt()` returned it and `checkpoints` lists it
   * @throws VariableMismatchError when it does not fit the model; then nothing has changed
   */
  restoreCkpt(file: string): Promise<void> {
    return this.#queue.run('restoreCkpt()', async () => {
      checkPrefix(file);
      await this.#restore(file);
    });
  }

  /**
   * Restores the checkpoint with the greatest global step.
   *
   * @throws NoCheckpointError when there is none
   */
  restoreLatestCkpt(): Promise<void> {
    return this.#queue.run('restoreLatestCkpt()', async () =>
      this.#restore(this.#ready('restoreLatestCkpt').checkpoints.latest().file),
    );
  }

  /**
   * Restores the checkpoint with the least validation loss; the latest when none was validated.
   *
   * @throws NoCheckpointError when there is none
   */
  restoreBestCkpt(): Promise<void> {
    return this.#queue.run('restoreBestCkpt()', async () =>
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
    return this.#queue.run('fromDisk()', async () => {
      this.#refuseClosed();
      const state = await this.#readState();
      await this.#ports.prepareBackend();
      const { seed, params } = this.#options;
      this.#seed = seed ?? state.seed;
      this.#params = params ?? ((state.params ?? {}) as P);
      const features = dummyFeatures(state.inputSignature, state.exampleShapes);
      const saverArgs = state.saverArgs as SaverArgs | undefined;
      try {
        await this.#build(state.inputSignature, features, saverArgs, ({ checkpoints }) =>
          this.#restore((fromBest ? checkpoints.best() : checkpoints.latest()).file),
        );
      } finally {
        tf.dispose(features);
      }
      this.#rounds = state.rounds;
      this.#trainSize = state.trainSize;
      this.#validationSize = state.validationSize;
      this.#dataKeys = state.dataKeys;
      this.#saverArgs = saverArgs;
      return this;
    });
  }

  async #readState(): Promise<EstimatorState> {
    const found = await this.#openCheckpoints(undefined);
    try {
      found.latest();
      const state = parseState(found.state);
      if (state.paramsAreLost && this.#options.params === undefined) throw paramsNeeded();
      return state;
    } finally {
      await found.close();
    }
  }

  /** Writes out the logs, waits for saves under way, and frees the model. Nothing works afterwards. */
  close(): Promise<void> {
    return this.#queue.run('close()', async () => {
      const built = this.#built;
      this.#built = undefined;
      this.#setup = undefined;
      this.#isClosed = true;
      built?.model.dispose();
      const closing = await Promise.allSettled([this.#logs.close(), built?.checkpoints.close()]);
      const failed = closing.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const numbersOf = (result: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  );

const paramsNeeded = (): StateError =>
  new StateError({
    subject: 'params of fromDisk()',
    expected: 'the parameters of the model function',
    actual: 'none, and those of the earlier run hold something that its directory could not keep',
    fix: 'Give the params that the model was trained with.',
  });
