import { ModelDirInUseError, NoCheckpointError } from '../errors';
import { int64Scalar, integerOf } from '../model/checkpoint-tensors';
import type { RunnableModel } from '../model/runnable-model';
import type {
  CheckpointEntry,
  CheckpointMetrics,
  CheckpointStore,
  CheckpointTensor,
} from '../ports/checkpoint-store';
import type { SavedCheckpoint } from '../ports/save-trigger';
import { Background } from './background';
import type { EstimatorState } from './estimator-state';

/** The key of the global step, as TensorFlow 1 saves it. */
const GLOBAL_STEP = 'global_step';
/** The key of the count of finished rounds, which decides the order of shuffled data. */
const ROUNDS = 'elistimator/rounds';

const nameOf = (file: string): string =>
  file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);

/** The file beside a checkpoint that holds the model's graph, as TensorFlow 1 has it. */
const GRAPH = '.meta';

/** A step with the metrics that validation gave at it. */
export interface Validated {
  readonly globalStep: number;
  readonly metrics: CheckpointMetrics;
}

/** What a checkpoint is made of. */
export interface Snapshot {
  readonly globalStep: number;
  /** The model's values, of the moment at which the snapshot was taken. */
  readonly values: Promise<readonly CheckpointTensor[]>;
  readonly rounds: number;
  readonly metrics: CheckpointMetrics | undefined;
  readonly state: EstimatorState;
  /** The model's graph, in its stored form. */
  readonly graph: Uint8Array;
}

/** What a restored checkpoint tells. */
export interface Restored {
  /** The step that it was saved at; undefined when a checkpoint of other origin does not tell. */
  readonly globalStep: number | undefined;
  /** The rounds of training that were finished then. */
  readonly rounds: number | undefined;
  /** What validation gave then. */
  readonly validated: Validated | undefined;
}

interface CheckpointsOptions {
  readonly modelDir: string;
  /** Whether what the store holds is this estimator's own, saved or restored by it. */
  readonly areOwn: boolean;
  /** Whether `save` goes on once it has the values, and writes while training continues. */
  readonly inBackground: boolean;
}

/** A model's graph from a directory. */
export interface FoundGraph {
  /** Undefined when no checkpoint holds one that is whole. */
  readonly bytes: Uint8Array | undefined;
  /** Checkpoints that were passed over, since their graph is damaged or missing. */
  readonly skipped: readonly Skipped[];
}

/** A checkpoint that could not be used. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

/** Of a checkpoint that the store lists, a missing file is damage too. */
const isDamage = (error: unknown): error is Error =>
  error instanceof Error &&
  ['CorruptCheckpointError', 'CheckpointNotFoundError'].includes(error.name);

/** The checkpoints of one estimator: saves its model to a store, and restores it from there. */
export class Checkpoints {
  readonly #store: CheckpointStore;
  readonly #modelDir: string;
  readonly #inBackground: boolean;
  readonly #background = new Background();
  #areOwn: boolean;
  /** The save that is being written. */
  #pending: SavedCheckpoint | undefined;
  /** When this run went back to an earlier step: later checkpoints saved before that are not its own. */
  #wentBack: { readonly globalStep: number; readonly at: number } | undefined;

  constructor(store: CheckpointStore, { modelDir, areOwn, inBackground }: CheckpointsOptions) {
    this.#store = store;
    this.#modelDir = modelDir;
    this.#inBackground = inBackground;
    this.#areOwn = areOwn;
  }

  /**
   * Waits for what goes on in the background.
   *
   * @throws what went wrong with it, once
   */
  settle(): Promise<void> {
    return this.#background.settle();
  }

  /** This run's checkpoints in the order of saving, with the one that is being written. */
  get saved(): CheckpointStore['saved'] {
    const back = this.#wentBack;
    const own = this.#store.saved.filter(
      ({ globalStep, savedAt }) =>
        back === undefined || globalStep <= back.globalStep || savedAt >= back.at,
    );
    const pending = this.#pending;
    const isThere = own.some(({ globalStep }) => globalStep === pending?.globalStep);
    return pending === undefined || isThere ? own : [...own, pending];
  }

  get areOwn(): boolean {
    return this.#areOwn;
  }

  get entries(): ReadonlyMap<number, CheckpointEntry> {
    return this.#store.checkpoints;
  }

  /** What the last save handed over as state; undefined when there was none. */
  get state(): unknown {
    return this.#store.state;
  }

  /** Whether the store holds checkpoints of another run, of which none was restored. */
  get areForeign(): boolean {
    return !this.#areOwn && this.entries.size > 0;
  }

  /**
   * Looks again whether there are checkpoints of another run, which this one's would be mixed with,
   * and which they would crowd out.
   *
   * @throws ModelDirInUseError when there are
   */
  async refuseForeign(): Promise<void> {
    this.#background.report();
    if (this.#areOwn) return;
    await this.#store.open();
    if (!this.areForeign) return;
    throw new ModelDirInUseError(this.#modelDir, Math.max(...this.entries.keys()));
  }

  /**
   * Claims the directory before training, so that a second process learns at once that it is taken.
   *
   * @throws ModelDirInUseError when it holds another run's checkpoints; what the store throws when
   *   another process has it
   */
  async acquire(): Promise<void> {
    await this.refuseForeign();
    await this.#store.acquire();
  }

  /**
   * Saves the model, once the save before has ended.
   *
   * @param take gives the model's values as they are when it is called
   * @returns the checkpoint's prefix
   */
  async save(take: () => Snapshot): Promise<string> {
    await this.settle();
    await this.refuseForeign();
    const { globalStep, values, rounds, metrics, state, graph } = take();
    const counters = [int64Scalar(GLOBAL_STEP, globalStep), int64Scalar(ROUNDS, rounds)];
    const tensors = [...counters, ...(await values)];
    const write = () =>
      this.#store.save({ globalStep, tensors, metrics, state, attachments: { [GRAPH]: graph } });
    if (!this.#inBackground) {
      const file = await write();
      this.#areOwn = true;
      return file;
    }
    this.#areOwn = true;
    this.#pending = { globalStep, savedAt: Date.now(), metrics };
    this.#background.start(() =>
      write().finally(() => {
        this.#pending = undefined;
      }),
    );
    return this.#store.fileOf(globalStep);
  }

  /** Attaches metrics to the checkpoint of their step, if there is one and it is this run's. */
  async record({ globalStep, metrics }: Validated): Promise<void> {
    if (!this.#areOwn) return;
    const record = () => this.#store.recordMetrics(globalStep, metrics);
    // Behind a save under way, which may be the one that they belong to.
    if (this.#inBackground) this.#background.start(record);
    else await record();
  }

  /**
   * Restores the model from a checkpoint, or leaves it as it was.
   *
   * @throws what the store throws, and VariableMismatchError
   */
  async restore(model: RunnableModel, file: string): Promise<Restored> {
    await this.settle();
    const tensors = await this.#store.read(file);
    const counter = (key: string): number | undefined => {
      const tensor = tensors.find(({ name }) => name === key);
      return tensor && integerOf(tensor);
    };
    await model.restore(tensors.filter(({ name }) => name !== GLOBAL_STEP && name !== ROUNDS));
    this.#areOwn = true;
    const globalStep = counter(GLOBAL_STEP);
    if (globalStep !== undefined) this.#wentBack = { globalStep, at: Date.now() };
    const entry = globalStep === undefined ? undefined : this.entries.get(globalStep);
    // A prefix may be given relative, where entries have it whole.
    const metrics = entry && nameOf(entry.file) === nameOf(file) ? entry.metrics : undefined;
    return {
      globalStep,
      rounds: counter(ROUNDS),
      validated: globalStep === undefined || !metrics ? undefined : { globalStep, metrics },
    };
  }

  /**
   * Restores the newest checkpoint that is whole, starting from `first`.
   *
   * @returns what `restore` gives, and the damaged ones that were passed over
   * @throws NoCheckpointError when none is whole
   */
  async restoreIntact(
    model: RunnableModel,
    first: CheckpointEntry,
  ): Promise<Restored & { readonly skipped: readonly Skipped[] }> {
    await this.settle();
    const skipped: Skipped[] = [];
    for (const { file } of [first, ...this.#othersThan(first)]) {
      try {
        return { ...(await this.restore(model, file)), skipped };
      } catch (error) {
        if (!isDamage(error)) throw error;
        skipped.push({ file, reason: error.message });
      }
    }
    const reasons = skipped.map(({ reason }) => reason).join(' ');
    throw new NoCheckpointError(
      `No checkpoints to restore from in ${this.#modelDir}: all are damaged. ${reasons}`,
    );
  }

  /** The graph of a checkpoint, or of the newest other one whose graph is whole. */
  async graph(first: CheckpointEntry): Promise<FoundGraph> {
    const skipped: Skipped[] = [];
    for (const { file } of [first, ...this.#othersThan(first)]) {
      try {
        const bytes = await this.#store.readAttachment(file, GRAPH);
        if (bytes !== undefined) return { bytes, skipped };
        skipped.push({ file, reason: `There is no ${file}${GRAPH}.` });
      } catch (error) {
        if (!isDamage(error)) throw error;
        skipped.push({ file, reason: error.message });
      }
    }
    return { bytes: undefined, skipped };
  }

  /** The other checkpoints, the newest first. */
  #othersThan(entry: CheckpointEntry): readonly CheckpointEntry[] {
    return [...this.entries.values()].reverse().filter(({ file }) => file !== entry.file);
  }

  /** @throws NoCheckpointError */
  async latest(): Promise<CheckpointEntry> {
    await this.settle();
    return this.#existing(this.#store.latest());
  }

  /** @throws NoCheckpointError */
  async best(): Promise<CheckpointEntry> {
    await this.settle();
    return this.#existing(this.#store.best());
  }

  #existing(entry: CheckpointEntry | undefined): CheckpointEntry {
    if (entry !== undefined) return entry;
    throw new NoCheckpointError(`No checkpoints to restore from in ${this.#modelDir}`);
  }

  /** Waits for a save under way, and releases the store. */
  async close(): Promise<void> {
    try {
      await this.settle();
    } finally {
      await this.#store.close();
    }
  }
}
