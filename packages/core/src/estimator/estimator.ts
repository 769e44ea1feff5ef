import * as tf from '@tensorflow/tfjs';
import {
  checkBatch,
  type HostValue,
  type InputSignature,
  inputTensors,
  signatureOf,
} from '../dataset';
import { ModelDirInUseError, NoCheckpointError, NotReadyError } from '../errors';
import type { Metric } from '../metrics';
import { int64Scalar, integerOf } from '../model/checkpoint-tensors';
import { Model, type ModelSpecs } from '../model/model';
import type {
  CheckpointEntry,
  CheckpointMetrics,
  CheckpointStore,
} from '../ports/checkpoint-store';
import type { MetricMap, OutputMap } from '../specs';
import { dummyFeatures } from './dummy-features';
import { type EstimatorState, jsonOrUndefined, parseState } from './estimator-state';
import { type EvaluationRoundOptions, evaluationRound } from './evaluation-round';
import { formatMetrics } from './format-metrics';
import { InputSource } from './input-source';
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
import { type PredictRequest, parsePredictRequest } from './predict-request';
import { type Prediction, type PredictionForm, readPrediction } from './predictions';
import { RunLogs } from './run-logs';
import { SerialQueue } from './serial-queue';
import { Session } from './session';
import { TrainChain } from './train-chain';
import { trainRound } from './train-round';
import { checkSeed, checkSetup, checkTrain } from './validate-options';

/** What `validate()` and `evaluate()` give: each metric by name, and the loss. */
export type EvaluationResult<M extends MetricMap> = {
  readonly [Name in keyof M]: M[Name] extends Metric<infer Result> ? Result : never;
} & { readonly loss: number };

/** A feature as `predict()` takes it: a tensor, a typed array, `{ data, shape }`, or a nested array. */
export type FeatureInput = tf.Tensor | HostValue;

/** Features by name, as `predict()` takes them. */
export type FeatureInputs<F> = { readonly [Name in keyof F]?: FeatureInput };

const GLOBAL_STEP = 'global_step';

/** What exists once the model is built. */
interface Built {
  readonly model: Model;
  readonly specs: ModelSpecs;
  readonly signature: InputSignature;
  readonly store: CheckpointStore;
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
  #validated: { readonly globalStep: number; readonly metrics: CheckpointMetrics } | undefined;
  /** Whether the checkpoints on disk are this estimator's own, saved or restored. */
  #ownsCheckpoints = false;

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
    return this.#built?.store.checkpoints ?? new Map();
  }

  #ready(method: string): Built {
    if (this.#built !== undefined) return this.#built;
    throw new NotReadyError(
      `Must call setup, or start from a directory with fromDisk, before using ${method}`,
    );
  }

  #settled(method: 'train' | 'validate', input: 'trainInputFn' | 'validationInputFn'): Setup {
    if (this.#setup !== undefined) return this.#setup;
    throw new NotReadyError(`Must call setup with ${input} before using the ${method} method`);
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
    const store = this.#ports.checkpoints(saverArgs);
    try {
      await store.open();
    } catch (error) {
      if (this.#built === undefined) model.dispose();
      throw error;
    }
    await this.#built?.store.close();
    this.#built = { model, specs, signature, store };
    return this.#built;
  }

  /**
   * Trains for one round: one pass over the training data, or `maxSteps` of it.
   *
   * @returns a chain: await it for this estimator, or go on with `.validate()` or `.saveCkpt()`
   */
  train(options: TrainOptions = {}): TrainChain<this, EvaluationResult<M>> {
    return new TrainChain(
      this.#queue.run(async () => {
        const { train, options: setup } = this.#settled('train', 'trainInputFn');
        checkTrain(options);
        const { model, signature, store } = this.#ready('train');
        this.#refuseForeign(store);
        const { maxSteps = Number.POSITIVE_INFINITY, signal } = options;
        const total = this.#trainSize && Math.min(this.#trainSize, maxSteps);
        try {
          this.#trainSize = await trainRound({
            model,
            input: train,
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

  /** Checkpoints of another run would be mixed with this one's, and crowd them out. */
  #refuseForeign({ checkpoints }: CheckpointStore): void {
    const last = Math.max(...checkpoints.keys());
    if (this.#ownsCheckpoints || checkpoints.size === 0) return;
    throw new ModelDirInUseError(this.modelDir, last);
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
      const { validation } = this.#settled('validate', 'validationInputFn');
      if (validation === undefined) {
        throw new NotReadyError(
          'Must call setup with validationInputFn before using the validate method',
        );
      }
      const { store } = this.#ready('validate');
      const sink = this.#logs.sink('validation');
      const task = { label: 'Validation', total: this.#validationSize };
      try {
        const { steps, result } = await this.#measure({
          input: validation,
          isTraining: false,
          task,
          signal,
          sink,
        });
        this.#validationSize = steps;
        const metrics = numbersOf(result);
        const globalStep = this.#globalStep;
        sink.scalars(
          Object.entries(metrics).map(([tag, value]) => ({ tag, value, step: globalStep })),
        );
        this.#validated = { globalStep, metrics };
        if (this.#ownsCheckpoints) await store.recordMetrics(globalStep, metrics);
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
    const result = { ...metrics, loss };
    progress.message(formatMetrics(result));
    return { steps, result: result as unknown as EvaluationResult<M> };
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
    if (request.kind === 'inputFn') return this.#predictAll(request);
    return this.#queue.run(() => this.#predictOne(request));
  }

  async #predictOne(request: Exclude<PredictRequest, { kind: 'inputFn' }>): Promise<unknown> {
    const { signature } = this.#ready('predict');
    await this.#ports.prepareBackend();
    const { tensors, made } = inputTensors(request.features, signature);
    try {
      return await this.#predictBatch(tensors, request.options, 0);
    } finally {
      tf.dispose([...made]);
    }
  }

  async *#predictAll(
    request: Extract<PredictRequest, { kind: 'inputFn' }>,
  ): AsyncGenerator<unknown, void, undefined> {
    const { signature } = this.#ready('predict');
    await this.#ports.prepareBackend();
    const subject = 'inputFn of predict()';
    const input = new InputSource(subject, request.inputFn, this.#dataKeys);
    let index = 0;
    for await (const batch of input.batches(0)) {
      const position = index++;
      try {
        const known = batch.keys.filter((name) => name in signature);
        checkBatch(batch, pick(signature, known), subject);
        yield await this.#queue.run(() =>
          this.#predictBatch(batch.tensors, request.options, position),
        );
      } finally {
        batch.dispose();
      }
    }
  }

  #predictBatch(
    features: Readonly<Record<string, tf.Tensor>>,
    { as = 'array', isTraining = false }: PredictOptions,
    index: number,
  ): Promise<Record<string, unknown>> {
    const { model, signature } = this.#ready('predict');
    const outputs = model.predict({
      features,
      signature: Object.keys(signature),
      seed: ['predict', this.#globalStep, index],
      isTraining,
    });
    return readPrediction(outputs, as);
  }

  /**
   * Saves a checkpoint of the variables, the optimizer's state and the global step.
   *
   * @returns its prefix, `…/checkpoints/model_iter-<global step>`
   */
  saveCkpt(): Promise<string> {
    return this.#queue.run(async () => {
      this.#settled('train', 'trainInputFn');
      const { model, store } = this.#ready('saveCkpt');
      this.#refuseForeign(store);
      const globalStep = this.#globalStep;
      const tensors = [int64Scalar(GLOBAL_STEP, globalStep), ...(await model.read())];
      const metrics =
        this.#validated?.globalStep === globalStep ? this.#validated.metrics : undefined;
      const file = await store.save({ globalStep, tensors, metrics, state: this.#state() });
      this.#ownsCheckpoints = true;
      return file;
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

  /** Restores the checkpoint with the greatest global step. */
  restoreLatestCkpt(): Promise<void> {
    return this.#queue.run(() =>
      this.#restoreEntry(this.#ready('restoreLatestCkpt').store.latest()),
    );
  }

  /** Restores the checkpoint with the least validation loss; the latest when none was validated. */
  restoreBestCkpt(): Promise<void> {
    return this.#queue.run(() => this.#restoreEntry(this.#ready('restoreBestCkpt').store.best()));
  }

  #restoreEntry(entry: CheckpointEntry | undefined): Promise<void> {
    if (entry !== undefined) return this.#restore(entry.file);
    throw new NoCheckpointError(`No checkpoints to restore from in ${this.modelDir}`);
  }

  async #restore(file: string): Promise<void> {
    const { model, store } = this.#ready('restoreCkpt');
    const tensors = await store.read(file);
    await model.restore(tensors.filter(({ name }) => name !== GLOBAL_STEP));
    const step = tensors.find(({ name }) => name === GLOBAL_STEP);
    if (step !== undefined) this.#globalStep = integerOf(step);
    const metrics = [...store.checkpoints.values()].find((entry) => entry.file === file)?.metrics;
    this.#validated = metrics && { globalStep: this.#globalStep, metrics };
    this.#ownsCheckpoints = true;
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
      const store = this.#ports.checkpoints(undefined);
      await store.open();
      if (store.checkpoints.size === 0) {
        throw new NoCheckpointError(`No checkpoints to restore from in ${this.modelDir}`);
      }
      const state = parseState(store.state);
      await store.close();
      await this.#ports.prepareBackend();
      this.#seed = this.#options.seed ?? state.seed;
      this.#params = this.#options.params ?? ((state.params ?? {}) as P);
      const features = dummyFeatures(state.inputSignature);
      try {
        await this.#build(state.inputSignature, features, undefined);
      } finally {
        tf.dispose(features);
      }
      this.#recovered = state;
      this.#rounds = state.rounds;
      this.#trainSize = state.trainSize;
      this.#validationSize = state.validationSize;
      const { store: open } = this.#ready('fromDisk');
      await this.#restoreEntry(fromBest ? open.best() : open.latest());
      return this;
    });
  }

  /** Writes out the logs, waits for saves under way, and frees the model. Nothing works afterwards. */
  async close(): Promise<void> {
    await this.#queue.run(async () => {
      await this.#logs.close();
      await this.#built?.store.close();
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

const pick = (signature: InputSignature, names: readonly string[]): InputSignature =>
  Object.fromEntries(Object.entries(signature).filter(([name]) => names.includes(name)));
