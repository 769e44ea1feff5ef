import type * as tf from '@tensorflow/tfjs';
import type { CheckpointChoice } from '../checkpoints/checkpoint-finder';
import type { NonFiniteLoss } from '../checkpoints/contents';
import { constantsOf } from '../checkpoints/non-finite';
import { batchOfFeatures, type InputSignature, InputSource } from '../dataset';
import { NonFiniteCheckpointError, NotReadyError, OptionError } from '../errors';
import type { StepExecutor } from '../execution/step-executor';
import type { BuiltModel, EstimatorContext, EstimatorPorts, Lifecycle } from '../lifecycle/context';
import { builtOf, requireBuilt, requireInput } from '../lifecycle/context';
import { assertMeasured } from '../lifecycle/metric-names';
import { type RestoreEntryOptions, recover, restoreEntry, restoreFile } from '../lifecycle/recover';
import { RunLogs } from '../lifecycle/run-logs';
import { type LifecycleSetupOptions, setUp } from '../lifecycle/setup';
import { lastingPart, type StoredRun, stringifiableRun } from '../lifecycle/stored-run';
import { startPosition, storedPart, type TrainingState } from '../lifecycle/training-state';
import { UntraceableWarnings } from '../lifecycle/untraceable';
import { ScalarTensors } from '../model/hyperparameters';
import { missingSpec } from '../model/model';
import type { RestoreStateOptions } from '../model/model-state';
import type { CheckpointEntry, CheckpointTensor, ProgressTask, SummarySink } from '../ports';
import { type Evaluation, evaluationRound } from '../rounds/evaluation-round';
import { FailureReports } from '../rounds/failure-reports';
import { formatMetrics } from '../rounds/format-metrics';
import { guardedProgress, guardedSink } from '../rounds/guarded-ports';
import { LossMonitor } from '../rounds/loss-monitor';
import type { PredictContext } from '../rounds/predict';
import { trainRound } from '../rounds/train-round';
import { encodeModel } from '../trace/meta-file';
import { AutomaticSaves } from './automatic-saves';
import type { SaveCkptOptions } from './options';
import type { SessionFeeds } from './session';
import type { UncheckedEstimatorOptions } from './validate-options';

/** Metrics by name, and the loss. */
export type Measurements = Readonly<Record<string, unknown>>;

/**
 * The operations of an estimator. They must not overlap: the estimator runs them one at a time.
 */
export class Operations {
  readonly #context: EstimatorContext;
  #training: TrainingState;
  #lifecycle: Lifecycle = { phase: 'new' };
  /** A step of an asynchronous executor, which calls made during a round wait for. */
  #stepInProgress: Promise<void> = Promise.resolve();
  /** The losses of the last round, until the model is restored or assigned to. */
  #losses: LossMonitor | undefined;
  readonly #failures: FailureReports;
  readonly #automaticSaves: AutomaticSaves;

  constructor(options: UncheckedEstimatorOptions, ports: EstimatorPorts) {
    const { modelFn, params, seed, execution } = options;
    const entropy = ports.entropy?.bind(ports) ?? Math.random;
    const drawnSeed = seed ?? Math.floor(entropy() * 2 ** 32);
    this.#training = {
      seed: drawnSeed,
      params: params ?? {},
      position: startPosition,
    };
    const progress = guardedProgress(ports.progress, (text) => process.emitWarning(text));
    const print = (text: string) => progress.message(text);
    const failures = new FailureReports(print);
    this.#failures = failures;
    this.#automaticSaves = new AutomaticSaves(print);
    this.#context = {
      modelFn,
      params,
      seed,
      drawnSeed,
      execution,
      ports,
      progress,
      logs: new RunLogs((run, globalStep) =>
        guardedSink(ports.summaries(run, globalStep), run, failures),
      ),
      untraceable: new UntraceableWarnings(print),
      clock: ports.clock?.bind(ports) ?? Date.now,
    };
  }

  get globalStep(): number {
    return this.#training.position.globalStep;
  }

  get params(): unknown {
    return this.#training.params;
  }

  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    return builtOf(this.#lifecycle)?.checkpoints.entries ?? new Map();
  }

  /** @throws NotReadyError before the model is built */
  built(method: string): BuiltModel {
    return requireBuilt(this.#lifecycle, method);
  }

  /** Forgets the last validation, because the variables have changed since. */
  forgetValidation(): void {
    this.#training.validated = undefined;
    builtOf(this.#lifecycle)?.checkpoints.noteAssigned();
    this.#forgetLosses();
  }

  #forgetLosses(): void {
    if (this.#losses?.isOver) this.#losses = undefined;
  }

  async setup(options: LifecycleSetupOptions): Promise<void> {
    const { built, rounds } = await setUp(this.#context, this.#lifecycle, this.#training, options);
    this.#lifecycle = { phase: 'ready', built, rounds };
  }

  async recover(choice: CheckpointChoice, options: RestoreStateOptions): Promise<void> {
    if (builtOf(this.#lifecycle) !== undefined) {
      await this.restoreEntry(choice, { ...options, fallback: true });
      return;
    }
    const recovered = await recover(this.#context, this.#lifecycle, choice, options);
    this.#training = recovered.training;
    this.#lifecycle = { phase: 'recovered', built: recovered.built };
  }

  async train(maxSteps: number, signal: AbortSignal | undefined): Promise<void> {
    const { built, rounds, input } = requireInput(this.#lifecycle, 'train');
    const { ports, progress, logs, clock } = this.#context;
    const training = this.#training;
    await built.checkpoints.acquire(this.globalStep);
    await ports.prepareBackend();
    const { round, globalStep } = training.position;
    training.position = { globalStep, round, stepInRound: 0 };
    const { trainSize } = training;
    const losses = new LossMonitor({
      nanPolicy: rounds.nanPolicy,
      globalStep: () => this.globalStep,
      canRestore: () => built.checkpoints.hasLatest,
    });
    this.#losses = losses;
    this.#automaticSaves.reset();
    await logs.flushedAfter(async () => {
      training.trainSize = await trainRound({
        executor: built.executor,
        optimizer: built.model.optimizer,
        input,
        position: training.position,
        maxSteps,
        signal,
        progress,
        task: {
          label: `Training (${round + 1})`,
          total: trainSize && Math.min(trainSize, maxSteps),
        },
        sink: logs.sink('train'),
        summarySteps: rounds.summarySteps,
        losses,
        failures: this.#failures,
        clock,
        onPosition: (position) => {
          training.position = position;
        },
        onStep: () => this.#saveIfTriggered(),
        onPending: (step) => {
          this.#stepInProgress = step.catch(() => {});
        },
      });
      training.position = {
        globalStep: training.position.globalStep,
        round: round + 1,
        stepInRound: 0,
      };
    });
  }

  async validate(signal: AbortSignal | undefined): Promise<Measurements> {
    const { built, rounds, input } = requireInput(this.#lifecycle, 'validate');
    const { progress, logs } = this.#context;
    const training = this.#training;
    const sink = logs.sink('validation');
    const task = { label: 'Validation', total: training.validationSize };
    return logs.flushedAfter(async () => {
      const { steps, metrics, loss } = await this.#evaluate('validate()', {
        input,
        isTraining: false,
        task,
        signal,
        sink,
      });
      const result = { ...metrics, loss };
      training.validationSize = steps;
      progress.message(formatMetrics(result));
      const { globalStep } = this;
      const numbers = Object.freeze(numbersOf(result));
      sink.scalars(
        Object.entries(numbers).map(([tag, value]) => ({ tag, value, step: globalStep })),
      );
      training.validated = { globalStep, metrics: numbers };
      await built.checkpoints.recordMetrics(training.validated);
      assertMeasured(rounds.metricReferences, result);
      await this.#saveIfTriggered();
      return result;
    });
  }

  async evaluate(
    inputFn: () => unknown,
    isTraining: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Measurements> {
    const { signature } = this.built('evaluate()');
    const { metrics, loss } = await this.#evaluate('evaluate()', {
      input: this.#input('inputFn of evaluate()', inputFn, signature),
      isTraining,
      task: { label: 'Evaluation' },
      signal,
    });
    return { ...metrics, loss };
  }

  async #evaluate(
    method: string,
    options: {
      readonly input: InputSource;
      readonly isTraining: boolean;
      readonly task: ProgressTask;
      readonly signal: AbortSignal | undefined;
      readonly sink?: SummarySink;
    },
  ): Promise<Evaluation> {
    const { model, specs, executor } = this.built(method);
    if (!specs.evaluates) throw new NotReadyError(missingSpec('EvaluationSpec', method));
    await this.#context.ports.prepareBackend();
    await this.#sync(executor);
    const { progress } = this.#context;
    const { globalStep } = this;
    const failures = this.#failures;
    const result = await evaluationRound({ ...options, model, progress, globalStep, failures });
    const { loss, nonFiniteLoss } = result;
    if (nonFiniteLoss !== undefined) {
      const { batch, value } = nonFiniteLoss;
      progress.message(
        `Warning: the loss of ${method} at global step ${globalStep} is ${loss}, because the loss of batch ${batch} is ${value}.`,
      );
    }
    return result;
  }

  /** Makes the model's state current, between two steps. */
  async #sync(executor: StepExecutor): Promise<void> {
    await this.#stepInProgress;
    await executor.sync();
  }

  #input(name: string, inputFn: () => unknown, signature: InputSignature): InputSource {
    return new InputSource({ name, inputFn, dataKeys: this.#training.dataKeys, signature });
  }

  /** The batches to predict from, which may lack features. */
  predictInput(inputFn: () => unknown, signature: InputSignature): InputSource {
    const { dataKeys } = this.#training;
    const name = 'inputFn of predict()';
    return new InputSource({ name, inputFn, dataKeys, signature, allowMissing: true });
  }

  /** @throws NotReadyError without a model or a PredictSpec */
  async predictContext(): Promise<PredictContext> {
    const { model, signature, specs, programs, executor } = this.built('predict');
    if (!specs.predicts) throw new NotReadyError(missingSpec('PredictSpec', 'predict()'));
    await this.#context.ports.prepareBackend();
    await this.#sync(executor);
    const program = () => programs.current();
    return { model, program, signature, globalStep: this.globalStep };
  }

  /** Tensors of the graph by name; the caller disposes them. */
  async fetch(names: readonly string[], feeds: SessionFeeds): Promise<tf.Tensor[]> {
    const { model, signature, programs, executor } = this.built('session.run');
    await this.#context.ports.prepareBackend();
    await this.#sync(executor);
    const batch = batchOfFeatures(feeds, signature);
    const scalars = new ScalarTensors();
    try {
      return programs
        .current()
        .fetch(names, batch.tensors(), scalars.of(model.optimizer.stepScalars), [
          'session',
          this.globalStep,
        ]);
    } finally {
      batch.dispose();
      scalars.dispose();
    }
  }

  /** Asks the trigger of `setup()`. Returns undefined if no save is due, so that a step need not wait. */
  #saveIfTriggered(): Promise<void> | undefined {
    if (this.#lifecycle.phase !== 'ready') return undefined;
    const { saveWhen, startedAt } = this.#lifecycle.rounds;
    if (saveWhen === undefined) return undefined;
    const { saved } = this.#lifecycle.built.checkpoints;
    const { globalStep } = this;
    const now = this.#context.clock();
    const moment = { globalStep, now, startedAt, metrics: this.#currentMetrics, saved };
    const isDue: unknown = saveWhen.shouldSave(moment);
    if (isDue instanceof Promise) {
      isDue.catch(() => {});
      throw new OptionError({
        subject: 'shouldSave of "saveWhen"',
        expected: 'true or false',
        actual: 'a promise',
        fix: 'Make the function synchronous.',
      });
    }
    if (isDue !== true) return undefined;
    const { state } = this.#lifecycle.built.model;
    return this.#automaticSaves.run(state, async () => {
      // Before the snapshot, which is not needed if the loss is not finite.
      const loss = await this.#nonFiniteLoss();
      if (loss !== undefined) throw new NonFiniteCheckpointError(globalStep, undefined, loss);
      await this.save();
    });
  }

  /**
   * The last loss, if it is not finite.
   *
   * @param options.throws whether to throw within a round. Default: true
   * @throws NonFiniteLossError, by `nanPolicy`
   */
  async #nonFiniteLoss({ throws = true } = {}): Promise<NonFiniteLoss | undefined> {
    const losses = this.#losses;
    if (losses === undefined) return undefined;
    await losses.read();
    if (throws) losses.assertFinite();
    const { last } = losses;
    if (last === undefined || Number.isFinite(last.value)) return undefined;
    return { globalStep: last.step, value: last.value };
  }

  /** The metrics of the last validation, if it was at the current step. */
  get #currentMetrics() {
    const { validated } = this.#training;
    return validated?.globalStep === this.globalStep ? validated.metrics : undefined;
  }

  async save({ allowNonFinite = false }: SaveCkptOptions = {}): Promise<string> {
    const { model, checkpoints, programs, executor, ...built } = this.built('saveCkpt');
    const capture = async () => {
      await this.#sync(executor);
      const { signature: inputSignature, examples } = built;
      const run: StoredRun = {
        version: 1,
        ...storedPart(this.#training),
        inputSignature,
        examples,
      };
      return {
        position: this.#training.position,
        values: model.state.read(),
        constants: constantsOf(model.state),
        nonFiniteLoss: this.#nonFiniteLoss({ throws: !allowNonFinite }),
        graph: encodeModel(programs.current().traced, stringifiableRun(lastingPart(run))),
        metrics: this.#currentMetrics,
        state: stringifiableRun(run),
      };
    };
    const file = await checkpoints.save(this.globalStep, capture, { allowNonFinite });
    this.#automaticSaves.reset();
    return file;
  }

  async assign(tensors: readonly CheckpointTensor[]): Promise<void> {
    const { model, executor } = this.built('assignVariables');
    await this.#sync(executor);
    await model.state.assign(tensors);
    this.forgetValidation();
  }

  async restore(file: string, options: RestoreStateOptions): Promise<void> {
    const built = this.built('restoreCkpt');
    await restoreFile(this.#context, built, this.#training, file, options);
    this.#forgetLosses();
  }

  async restoreEntry(choice: CheckpointChoice, options: RestoreEntryOptions): Promise<void> {
    const built = this.built('restoring');
    await restoreEntry(this.#context, built, this.#training, choice, options);
    this.#forgetLosses();
  }

  async close(): Promise<void> {
    const built = builtOf(this.#lifecycle);
    const input = this.#lifecycle.phase === 'ready' ? this.#lifecycle.rounds.train : undefined;
    this.#lifecycle = { phase: 'closed' };
    const { logs } = this.#context;
    const closing = await Promise.allSettled([
      logs.close(),
      built?.checkpoints.close(),
      input?.close(),
      (async () => built?.executor.dispose())(),
      (async () => built?.programs.dispose())(),
      (async () => built?.model.dispose())(),
    ]);
    const failed = closing.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }
}

const numbersOf = (result: Measurements): Record<string, number> =>
  Object.fromEntries(
    Object.entries(result).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  );
