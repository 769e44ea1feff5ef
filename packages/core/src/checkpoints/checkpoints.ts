import { ModelDirInUseError, NoCheckpointError } from '../errors';
import { int64Scalar, integerOf } from '../model/checkpoint-tensors';
import type { TrainingPosition } from '../model/model';
import type { ModelState, RestoreStateOptions } from '../model/model-state';
import type {
  CheckpointEntry,
  CheckpointMetrics,
  CheckpointStore,
  CheckpointTensor,
  SavedCheckpoint,
} from '../ports';
import { BackgroundWrites } from './background-writes';

/** The keys of the training position. The global step has its name in TensorFlow 1. */
const positionKeys = {
  globalStep: 'global_step',
  round: 'elistimator/rounds',
  stepInRound: 'elistimator/step_in_round',
} as const satisfies Record<keyof TrainingPosition, string>;

const isPositionKey = (name: string): boolean =>
  Object.values(positionKeys).some((key) => key === name);

/** The suffix of the file with the model's graph, as in TensorFlow 1. */
const GRAPH_SUFFIX = '.meta';

const baseName = (file: string): string =>
  file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);

/** The metrics of the last validation, and its step. */
export interface ValidationRecord {
  readonly globalStep: number;
  readonly metrics: CheckpointMetrics;
}

/** The contents of a checkpoint, all of one moment. */
export interface ModelSnapshot {
  readonly position: TrainingPosition;
  /** The values of variables at the moment of the snapshot, once they are read back. */
  readonly values: Promise<readonly CheckpointTensor[]>;
  readonly metrics: CheckpointMetrics | undefined;
  /** JSON; see `StoredRun`. */
  readonly state: unknown;
  /** The encoded graph of the model. */
  readonly graph: Uint8Array;
}

/** The training position and validation of a restored checkpoint. */
export interface RestoredPosition {
  /** Members that the checkpoint does not contain, because it is of other origin, are missing. */
  readonly position: Partial<TrainingPosition>;
  /** The validation at the checkpoint's step. */
  readonly validated: ValidationRecord | undefined;
}

/** A checkpoint that was skipped because it is damaged. */
export interface SkippedCheckpoint {
  readonly file: string;
  readonly reason: string;
}

/** A model's graph from a directory. */
export interface StoredGraph {
  /** Undefined when no checkpoint has an intact one. */
  readonly bytes: Uint8Array | undefined;
  /** Checkpoints whose graph is damaged or missing. */
  readonly skipped: readonly SkippedCheckpoint[];
}

interface CheckpointsOptions {
  readonly modelDir: string;
  /** The current time in milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Saves a model to a store and restores it from there. Protects the checkpoints of other runs. */
export class Checkpoints {
  readonly #store: CheckpointStore;
  readonly #options: CheckpointsOptions;
  readonly #writes = new BackgroundWrites();
  /** Whether saves return once they have the values, and write while training continues. */
  inBackground = false;
  /** Whether this estimator saved or restored the store's checkpoints, as opposed to another run. */
  #isOwner = false;
  /** The save that is being written. */
  #pending: SavedCheckpoint | undefined;
  /** Settles when that save does, and metrics after it are recorded; never rejects. */
  #saving: Promise<unknown> = Promise.resolve();
  /** The last restore: newer checkpoints that were saved before it belong to an abandoned branch. */
  #rewound: { readonly globalStep: number; readonly at: number } | undefined;

  /** @param store an opened store */
  constructor(store: CheckpointStore, options: CheckpointsOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** @throws what the store throws for invalid arguments; then nothing has changed */
  configure(saverArgs: unknown): void {
    this.#store.configure(saverArgs);
  }

  /**
   * Waits for writes in the background.
   *
   * @throws the first failure that was not reported yet
   */
  idle(): Promise<void> {
    return this.#writes.idle();
  }

  /** This run's checkpoints in the order of saving, including the one that is being written. */
  get saved(): readonly SavedCheckpoint[] {
    const rewound = this.#rewound;
    const own = this.#store.saved.filter(
      ({ globalStep, savedAt }) =>
        rewound === undefined || globalStep <= rewound.globalStep || savedAt >= rewound.at,
    );
    const pending = this.#pending;
    const isStored = own.some(({ globalStep }) => globalStep === pending?.globalStep);
    return pending === undefined || isStored ? own : [...own, pending];
  }

  get entries(): ReadonlyMap<number, CheckpointEntry> {
    return this.#store.checkpoints;
  }

  /** The state of the last save; undefined when there was none. */
  get state(): unknown {
    return this.#store.state;
  }

  /** Whether the store holds checkpoints of another run, none of which was restored. */
  get hasOtherRun(): boolean {
    return !this.#isOwner && this.entries.size > 0;
  }

  /**
   * Claims the directory before training, so that a second process fails before it trains.
   *
   * @throws ModelDirInUseError when it holds another run's checkpoints; what the store throws when
   *   another process holds it
   */
  async acquire(): Promise<void> {
    this.#writes.throwIfFailed();
    await this.#assertOwnDirectory();
    await this.#store.acquire();
  }

  /** Reads the directory again: another run may have saved since it was opened. */
  async #assertOwnDirectory(): Promise<void> {
    if (this.#isOwner) return;
    await this.#store.open();
    if (!this.hasOtherRun) return;
    throw new ModelDirInUseError(this.#options.modelDir, Math.max(...this.entries.keys()));
  }

  /**
   * Saves a checkpoint, after the one before is written.
   *
   * @param capture takes the snapshot
   * @returns the checkpoint's prefix
   */
  async save(capture: () => Promise<ModelSnapshot>): Promise<string> {
    await this.idle();
    await this.#assertOwnDirectory();
    const { position, values, metrics, state, graph } = await capture();
    const { globalStep } = position;
    const counters = Object.entries(positionKeys).map(([member, key]) =>
      int64Scalar(key, position[member as keyof TrainingPosition]),
    );
    const tensors = [...counters, ...(await values)];
    const attachments = { [GRAPH_SUFFIX]: graph };
    const write = this.#store.save({ globalStep, tensors, metrics, state, attachments });
    if (!this.inBackground) {
      const file = await write;
      this.#isOwner = true;
      return file;
    }
    this.#isOwner = true;
    this.#pending = { globalStep, savedAt: this.#options.clock(), metrics };
    const finished = write.finally(() => {
      this.#pending = undefined;
    });
    this.#saving = finished.catch(() => {});
    this.#writes.track(finished);
    return this.#store.fileOf(globalStep);
  }

  /** Attaches metrics to the checkpoint of their step, if this run has one. */
  async recordMetrics({ globalStep, metrics }: ValidationRecord): Promise<void> {
    if (!this.#isOwner) return;
    const record = () => this.#store.recordMetrics(globalStep, metrics);
    // A save in progress may be the one that the metrics belong to.
    if (!this.inBackground) {
      await record();
      return;
    }
    const recorded = this.#saving.then(record);
    this.#saving = recorded.catch(() => {});
    this.#writes.track(recorded);
  }

  /**
   * Restores a checkpoint, or changes nothing.
   *
   * @throws what the store throws, and VariableMismatchError
   */
  async restore(
    model: ModelState,
    file: string,
    options: RestoreStateOptions = {},
  ): Promise<RestoredPosition> {
    await this.idle();
    const tensors = await this.#store.read(file);
    await model.restore(
      tensors.filter(({ name }) => !isPositionKey(name)),
      options,
    );
    this.#isOwner = true;
    const position = positionOf(tensors);
    const { globalStep } = position;
    if (globalStep === undefined) return { position, validated: undefined };
    this.#rewound = { globalStep, at: this.#options.clock() };
    const entry = this.entries.get(globalStep);
    // The prefix may be relative, while entries have complete paths.
    const metrics = entry && baseName(entry.file) === baseName(file) ? entry.metrics : undefined;
    return { position, validated: metrics && { globalStep, metrics } };
  }

  /**
   * Restores the newest intact checkpoint, starting with `first`.
   *
   * @returns what `restore` returns, and the damaged checkpoints that were skipped
   * @throws NoCheckpointError when all are damaged
   */
  async restoreIntact(
    model: ModelState,
    first: CheckpointEntry,
    options: RestoreStateOptions = {},
  ): Promise<RestoredPosition & { readonly skipped: readonly SkippedCheckpoint[] }> {
    await this.idle();
    const { value, skipped } = await this.#firstIntact(first, (file) =>
      this.restore(model, file, options),
    );
    if (value !== undefined) return { ...value, skipped };
    const reasons = skipped.map(({ reason }) => reason).join(' ');
    throw new NoCheckpointError(
      `No checkpoints to restore from in ${this.#options.modelDir}: all are damaged. ${reasons}`,
    );
  }

  /** The graph of a checkpoint, or of the newest other one whose graph is intact. */
  async graph(first: CheckpointEntry): Promise<StoredGraph> {
    const { value: bytes, skipped } = await this.#firstIntact(first, (file) =>
      this.#store.readAttachment(file, GRAPH_SUFFIX),
    );
    return { bytes, skipped };
  }

  /** Reads `first`, or the newest other checkpoint for which `read` gives a value. */
  async #firstIntact<T>(
    first: CheckpointEntry,
    read: (file: string) => Promise<T | undefined>,
  ): Promise<{ readonly value: T | undefined; readonly skipped: readonly SkippedCheckpoint[] }> {
    const skipped: SkippedCheckpoint[] = [];
    const others = [...this.entries.values()].reverse().filter(({ file }) => file !== first.file);
    for (const { file } of [first, ...others]) {
      try {
        const value = await read(file);
        if (value !== undefined) return { value, skipped };
        skipped.push({ file, reason: `There is no ${file}${GRAPH_SUFFIX}.` });
      } catch (error) {
        if (!(error instanceof Error && this.#store.isDamage(error))) throw error;
        skipped.push({ file, reason: error.message });
      }
    }
    return { value: undefined, skipped };
  }

  /** @throws NoCheckpointError */
  async latest(): Promise<CheckpointEntry> {
    await this.idle();
    return this.#existing(this.#store.latest());
  }

  /** @throws NoCheckpointError */
  async best(): Promise<CheckpointEntry> {
    await this.idle();
    return this.#existing(this.#store.best());
  }

  #existing(entry: CheckpointEntry | undefined): CheckpointEntry {
    if (entry !== undefined) return entry;
    throw new NoCheckpointError(`No checkpoints to restore from in ${this.#options.modelDir}`);
  }

  /** Waits for a save in progress and releases the store. */
  async close(): Promise<void> {
    try {
      await this.idle();
    } finally {
      await this.#store.close();
    }
  }
}

const positionOf = (tensors: readonly CheckpointTensor[]): Partial<TrainingPosition> => {
  const position: Partial<Record<keyof TrainingPosition, number>> = {};
  for (const member of ['globalStep', 'round', 'stepInRound'] as const) {
    const tensor = tensors.find(({ name }) => name === positionKeys[member]);
    if (tensor !== undefined) position[member] = integerOf(tensor);
  }
  return position;
};
