import * as tf from '@tensorflow/tfjs';
import { type InputSignature, inputTensors, signatureOf } from '../dataset';
import { NotReadyError } from '../errors';
import { assignByName } from '../model/checkpoint-tensors';
import { Model, missingSpec } from '../model/model';
import { encodeModel } from '../model/model-file';
import type { FeatureTensors, ModelSpecs, RunnableModel } from '../model/runnable-model';
import type { StoredModel } from '../model/stored-model';
import type { CheckpointEntry, CheckpointTensor } from '../ports/checkpoint-store';
import type { MetricMap, OutputMap } from '../specs';
import { Checkpoints, type Restored } from './checkpoints';
import {
  dummyFeatures,
  type ExampleShapes,
  type ExampleValues,
  exampleShapesOf,
  exampleValuesOf,
} from './dummy-features';
import { type Evaluation, type EvaluationRoundOptions, evaluationRound } from './evaluation-round';
import { formatMetrics } from './format-metrics';
import { graphDifference } from './graph-difference';
import { type InputFn, InputSource } from './input-source';
import { openDimensions } from './open-dimensions';
import type {
  EstimatorOptions,
  EstimatorPorts,
  EvaluateOptions,
  RestoreOptions,
  SetupOptions,
  TrainOptions,
  ValidateOptions,
} from './options';
import type { PredictContext } from './predict';
import { readDirectory } from './read-directory';
import { RefusalNotices } from './refusal-notices';
import { RunLogs } from './run-logs';
import { RunState } from './run-state';
import type { Feeds } from './session';
import { storedModel } from './stored-graph';
import { trainRound } from './train-round';
import { checkInputFn, checkPrefix, checkSetup, checkTrain } from './validate-options';

/** What exists once the model is built. */
interface Built {
  readonly model: RunnableModel;
  readonly specs: ModelSpecs;
  readonly signature: InputSignature;
  readonly exampleShapes: ExampleShapes;
  readonly exampleValues: ExampleValues;
  readonly checkpoints: Checkpoints;
}

interface BuildOptions<SaverArgs> {
  readonly saverArgs: SaverArgs | undefined;
  readonly inBackground: boolean;
  /** What is left to do with what was built; its failure undoes the building. */
  readonly use: (built: Built) => Promise<void>;
  /** A model without code; one of the model function when left out. */
  readonly stored?: StoredModel | undefined;
}

/** What exists once `setup()` was called. */
interface Setup {
  readonly options: SetupOptions;
  readonly train: InputSource;
  readonly validation: InputSource | undefined;
  /** When, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Metrics by name, and the loss. */
type Measured = Readonly<Record<string, unknown>>;

/**
 * Does what an `Estimator` is asked for. Its methods must not overlap: the estimator calls them one
 * after the other.
 */
export class Engine<F, P, M extends MetricMap, O extends OutputMap, SaverArgs> {
  readonly #options: EstimatorOptions<F, P, M, O>;
  readonly #ports: EstimatorPorts<SaverArgs>;
  readonly #logs: RunLogs;
  #run: RunState<P, SaverArgs>;
  #built: Built | undefined;
  #setup: Setup | undefined;
  #isClosed = false;
  readonly #notices: RefusalNotices;

  constructor(options: EstimatorOptions<F, P, M, O>, ports: EstimatorPorts<SaverArgs>) {
    this.#options = options;
    this.#ports = ports;
    const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    this.#run = new RunState(seed, options.params ?? ({} as P));
    this.#notices = new RefusalNotices((text) => ports.progress.message(text));
    this.#logs = new RunLogs((run, globalStep) => ports.summaries(run, globalStep));
  }

  get globalStep(): number {
    return this.#run.globalStep;
  }

  get params(): P {
    return this.#run.params;
  }

  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    return this.#built?.checkpoints.entries ?? new Map();
  }

  /** @throws NotReadyError before the model is built */
  ready(method: string): Built {
    if (this.#built !== undefined) return this.#built;
    throw new NotReadyError(
      `Must call setup, or start from a directory with fromDisk, before using ${method}`,
    );
  }

  /** Forgets what validation gave, since the model is no longer the one that it measured. */
  forgetValidation(): void {
    this.#run.validated = undefined;
  }

  #settled(method: 'train' | 'validate'): Setup & { readonly input: InputSource } {
    const input = method === 'train' ? this.#setup?.train : this.#setup?.validation;
    if (this.#setup !== undefined && input !== undefined) return { ...this.#setup, input };
    const missing = method === 'train' ? 'trainInputFn' : 'validationInputFn';
    throw new NotReadyError(`Must call setup with ${missing} before using the ${method} method`);
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new NotReadyError('This estimator was closed: make a new one.');
  }

  async setup(options: SetupOptions<SaverArgs>): Promise<void> {
    checkSetup(options);
    this.#refuseClosed();
    await this.#ports.prepareBackend();
    await this.#built?.checkpoints.settle();
    const earlier = this.#setup?.options;
    const { validationInputFn, inputShapes } = options;
    const saveWhen = options.saveWhen ?? earlier?.saveWhen;
    const inBackground = options.saveInBackground ?? earlier?.saveInBackground ?? false;
    const dataKeys = options.dataKeys ?? this.#run.dataKeys;
    const saverArgs = options.trainSaverArgs ?? this.#run.saverArgs;
    const train = new InputSource('trainInputFn', options.trainInputFn, dataKeys);
    const validation =
      validationInputFn && new InputSource('validationInputFn', validationInputFn, dataKeys);
    const use = async ({ checkpoints, model, signature }: Built) => {
      await this.#logs.start(this.globalStep, validation ? ['train', 'validation'] : ['train']);
      // A new file would void the logs of an earlier run, which may be about to be restored.
      if (checkpoints.areForeign) return;
      this.#logs.open();
      this.#logs.sink('train').graph?.(model.program(signature).model.graph.toGraphDef());
    };
    const batch = await train.first();
    try {
      const signature = openDimensions(signatureOf(batch), inputShapes, this.#built?.signature);
      await this.#build(signature, batch.tensors, { saverArgs, inBackground, use });
    } finally {
      batch.dispose();
    }
    this.#run.dataKeys = dataKeys;
    this.#run.saverArgs = saverArgs;
    const kept = { ...options, saveWhen, saveInBackground: inBackground };
    this.#setup = { options: kept, train, validation, startedAt: Date.now() };
  }

  /**
   * Makes the variables, opens the checkpoints and runs `use` on them; when any of that fails,
   * everything is as before.
   */
  async #build(
    signature: InputSignature,
    features: FeatureTensors,
    { saverArgs, inBackground, use, stored }: BuildOptions<SaverArgs>,
  ): Promise<void> {
    const before = this.#built;
    const model = before?.model ?? stored ?? this.#newModel();
    let checkpoints: Checkpoints | undefined;
    try {
      const names = Object.keys(signature);
      const specs = model.build({ features, signature: names, seed: ['build'], isTraining: true });
      checkpoints = await this.#openCheckpoints(saverArgs, inBackground);
      this.#notices.tell(model.program(signature), this.#options);
      const exampleShapes = exampleShapesOf(features);
      const exampleValues = exampleValuesOf(features);
      this.#built = { model, specs, signature, exampleShapes, exampleValues, checkpoints };
      await use(this.#built);
    } catch (error) {
      this.#built = before;
      await checkpoints?.close();
      if (before === undefined) model.dispose();
      throw error;
    }
    await before?.checkpoints.close();
  }

  #newModel(): Model {
    const { modelFn, execution } = this.#options;
    const { params, seed } = this.#run;
    if (modelFn !== null) return new Model({ modelFn, params, seed, execution });
    throw new NotReadyError(
      'Without a modelFn, setup() goes on with a model of the directory: start with fromDisk({ modelDir }).',
    );
  }

  async #openCheckpoints(
    saverArgs: SaverArgs | undefined,
    inBackground: boolean,
  ): Promise<Checkpoints> {
    const store = this.#ports.checkpoints(saverArgs);
    await store.open();
    const areOwn = this.#built?.checkpoints.areOwn ?? false;
    return new Checkpoints(store, { modelDir: this.#ports.modelDir, areOwn, inBackground });
  }

  async train(options: TrainOptions): Promise<void> {
    const { input, options: setup } = this.#settled('train');
    checkTrain(options);
    const { model, signature, checkpoints } = this.ready('train');
    await checkpoints.acquire();
    await this.#ports.prepareBackend();
    const { maxSteps = Number.POSITIVE_INFINITY, signal } = options;
    const run = this.#run;
    await this.#logged(async () => {
      run.trainSize = await trainRound({
        model,
        input,
        signature,
        iteration: run.rounds,
        maxSteps,
        signal,
        progress: this.#ports.progress,
        task: {
          label: `Training (${run.rounds + 1})`,
          total: run.trainSize && Math.min(run.trainSize, maxSteps),
        },
        sink: this.#logs.sink('train'),
        summarySteps: setup.summarySteps ?? 1,
        nanPolicy: setup.nanPolicy ?? 'throw',
        globalStep: run.globalStep,
        onStep: (globalStep) => {
          run.globalStep = globalStep;
          return this.#saveIfTriggered();
        },
      });
      run.rounds += 1;
    });
  }

  async validate({ signal }: ValidateOptions): Promise<Measured> {
    const { input } = this.#settled('validate');
    const { checkpoints } = this.ready('validate');
    const sink = this.#logs.sink('validation');
    const task = { label: 'Validation', total: this.#run.validationSize };
    return this.#logged(async () => {
      const options = { input, isTraining: false, task, signal, sink };
      const { steps, metrics: measured, loss } = await this.#measure('validate()', options);
      const result = { ...measured, loss };
      this.#run.validationSize = steps;
      this.#ports.progress.message(formatMetrics(result));
      const metrics = numbersOf(result);
      const { globalStep } = this;
      sink.scalars(
        Object.entries(metrics).map(([tag, value]) => ({ tag, value, step: globalStep })),
      );
      this.#run.validated = { globalStep, metrics };
      await checkpoints.record(this.#run.validated);
      await this.#saveIfTriggered();
      return result;
    });
  }

  async evaluate(options: EvaluateOptions): Promise<Measured> {
    checkInputFn('evaluate', 'inputFn', options?.inputFn);
    const { inputFn, isTraining = false, signal } = options;
    const input = this.input('inputFn of evaluate()', inputFn);
    const task = { label: 'Evaluation' };
    const { metrics, loss } = await this.#measure('evaluate()', {
      input,
      isTraining,
      task,
      signal,
    });
    return { ...metrics, loss };
  }

  async #measure(
    method: string,
    options: Pick<EvaluationRoundOptions, 'input' | 'isTraining' | 'task' | 'signal' | 'sink'>,
  ): Promise<Evaluation> {
    const { model, signature, specs } = this.ready(method);
    if (!specs.evaluates) throw new NotReadyError(missingSpec('EvaluationSpec', method));
    await this.#ports.prepareBackend();
    const { globalStep } = this;
    const { progress } = this.#ports;
    return evaluationRound({ ...options, model, signature, progress, globalStep });
  }

  /** The batches of an input function, with the names that `setup()` gave the members of tuples. */
  input(name: string, inputFn: InputFn): InputSource {
    return new InputSource(name, inputFn, this.#run.dataKeys);
  }

  /** @throws NotReadyError without a model or a PredictSpec */
  async predictContext(): Promise<PredictContext> {
    const { model, signature, specs } = this.ready('predict');
    if (!specs.predicts) throw new NotReadyError(missingSpec('PredictSpec', 'predict()'));
    await this.#ports.prepareBackend();
    return { model, signature, globalStep: this.globalStep };
  }

  /** Tensors of the graph by name; the caller disposes them. */
  async fetch(names: readonly string[], feeds: Feeds): Promise<tf.Tensor[]> {
    const { model, signature } = this.ready('session.run');
    await this.#ports.prepareBackend();
    const { tensors, made } = inputTensors(feeds, signature);
    try {
      return model.program(signature).fetch(names, tensors, ['session', this.globalStep]);
    } finally {
      tf.dispose([...made]);
    }
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

  /** Asks the trigger that `setup()` got; undefined when nothing is saved now, so nobody has to wait. */
  #saveIfTriggered(): Promise<void> | undefined {
    const trigger = this.#setup?.options.saveWhen;
    if (this.#setup === undefined || trigger === undefined) return undefined;
    const { globalStep, validated } = this.#run;
    const { saved } = this.ready('saveWhen').checkpoints;
    const metrics = validated?.globalStep === globalStep ? validated.metrics : undefined;
    const { startedAt } = this.#setup;
    const moment = { globalStep, now: Date.now(), startedAt, metrics, saved };
    return trigger.shouldSave(moment) === true ? this.save().then(() => {}) : undefined;
  }

  save(): Promise<string> {
    const { model, checkpoints, signature, ...built } = this.ready('saveCkpt');
    return checkpoints.save(() => {
      const { globalStep, rounds, validated } = this.#run;
      return {
        globalStep,
        rounds,
        values: model.read(),
        graph: encodeModel(model.program(signature).model),
        metrics: validated?.globalStep === globalStep ? validated.metrics : undefined,
        state: this.#run.toJson(signature, built.exampleShapes, built.exampleValues),
      };
    });
  }

  assign(tensors: readonly CheckpointTensor[]): void {
    const { model } = this.ready('assignVariables');
    assignByName(model.variables, tensors);
    this.forgetValidation();
  }

  async restore(file: string): Promise<void> {
    checkPrefix(file);
    const { model, checkpoints } = this.ready('restoreCkpt');
    await this.#goOnFrom(await checkpoints.restore(model, file));
  }

  async restoreEntry(which: 'latest' | 'best', { fallback }: RestoreOptions): Promise<void> {
    const { model, checkpoints } = this.ready('restoring');
    const entry = await checkpoints[which]();
    if (!fallback) return this.restore(entry.file);
    const { skipped, ...restored } = await checkpoints.restoreIntact(model, entry);
    for (const { file, reason } of skipped) {
      this.#ports.progress.message(`Passed over the damaged checkpoint ${file}: ${reason}`);
    }
    await this.#goOnFrom(restored);
  }

  async #goOnFrom({ globalStep, rounds, validated }: Restored): Promise<void> {
    this.#run.globalStep = globalStep ?? this.#run.globalStep;
    this.#run.rounds = rounds ?? this.#run.rounds;
    this.#run.validated = validated;
    await this.#logs.start(this.#run.globalStep);
  }

  async recover(which: 'latest' | 'best'): Promise<void> {
    this.#refuseClosed();
    const { state, graph: found } = await this.#readDirectory(which);
    const { bytes: graph } = found;
    await this.#ports.prepareBackend();
    const before = this.#run;
    this.#run = RunState.from(state, this.#options);
    const { saverArgs, seed } = this.#run;
    const stored = this.#options.modelFn === null ? storedModel(found, seed) : undefined;
    // With code, a graph is only compared with.
    if (stored !== undefined) {
      for (const { reason } of found.skipped) {
        this.#ports.progress.message(`The graph is one of another checkpoint: ${reason}`);
      }
    }
    const use = async ({ model, signature }: Built) => {
      if (stored === undefined && graph !== undefined) {
        const difference = graphDifference(graph, model.program(signature).model);
        if (difference !== undefined) this.#ports.progress.message(difference);
      }
      await this.restoreEntry(which, { fallback: true });
    };
    const { inputSignature, exampleShapes, exampleValues } = state;
    const features = dummyFeatures(inputSignature, exampleShapes, exampleValues);
    const options = { saverArgs, inBackground: false, use, stored };
    try {
      await this.#build(inputSignature, features, options);
    } catch (error) {
      this.#run = before;
      throw error;
    } finally {
      tf.dispose(features);
    }
  }

  async #readDirectory(which: 'latest' | 'best') {
    const found = await this.#openCheckpoints(undefined, false);
    try {
      return await readDirectory(found, which, this.#options);
    } finally {
      await found.close();
    }
  }

  async close(): Promise<void> {
    const built = this.#built;
    this.#built = undefined;
    this.#setup = undefined;
    this.#isClosed = true;
    built?.model.dispose();
    const closing = await Promise.allSettled([this.#logs.close(), built?.checkpoints.close()]);
    const failed = closing.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }
}

const numbersOf = (result: Measured): Record<string, number> =>
  Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  );
