import { resolve } from 'node:path';
import { ModelDirChangedError, ModelDirInUseError, NonFiniteCheckpointError } from '../errors';
import type { ModelState, RestoreStateOptions } from '../model/model-state';
import type {
  CheckpointEntry,
  CheckpointMetrics,
  CheckpointStore,
  SavedCheckpoint,
} from '../ports';
import { BackgroundWrites } from './background-writes';
import {
  baseName,
  type CheckpointChoice,
  CheckpointFinder,
  type SkippedCheckpoint,
} from './checkpoint-finder';
import {
  GRAPH_SUFFIX,
  type ModelSnapshot,
  type RestoredPosition,
  type ValidationRecord,
} from './contents';
import { lineTo, saveKey } from './lineage';
import { findNonFinite } from './non-finite';
import { isPositionTensor, positionOf, positionTensors } from './position-tensors';

/** What was restored by choice, and what is to be said about that. */
export interface RestoredChoice extends RestoredPosition {
  readonly skipped: readonly SkippedCheckpoint[];
  /** Why the best checkpoint is merely the latest. */
  readonly note: string | undefined;
}

/** A model's graph from a directory. */
export interface StoredGraph {
  /** The checkpoint that has it. */
  readonly file: string | undefined;
  /** Undefined when no checkpoint has an intact one. */
  readonly bytes: Uint8Array | undefined;
  /** Checkpoints whose graph is damaged or missing. */
  readonly skipped: readonly SkippedCheckpoint[];
}

/** A copy that callers can't change. */
const frozen = <T extends { readonly metrics?: CheckpointMetrics | undefined }>(value: T): T =>
  Object.freeze({
    ...value,
    ...(value.metrics && { metrics: Object.freeze({ ...value.metrics }) }),
  });

interface CheckpointsOptions {
  readonly modelDir: string;
  /** The current time in milliseconds since the epoch. */
  readonly clock: () => number;
  /** Prints a message to the user. */
  readonly print: (text: string) => void;
}

/** Saves a model to a store and restores it from there. Protects the checkpoints of other runs. */
export class Checkpoints {
  readonly #store: CheckpointStore;
  readonly #options: CheckpointsOptions;
  readonly #finder: CheckpointFinder;
  readonly #writes = new BackgroundWrites();
  /** Whether saves return once they have the values, and write while training continues. */
  inBackground = false;
  /** Whether this estimator saved or restored the store's checkpoints, as opposed to another run. */
  #isOwner = false;
  /** The save that is being written. */
  #pending: SavedCheckpoint | undefined;
  /** Whether that save succeeded, once it and the metrics after it are written. Never rejects. */
  #saving: Promise<boolean> = Promise.resolve(true);
  /** The stored checkpoint that was saved or restored last; null if training started from none. */
  #parent: number | null = null;
  /** The checkpoint whose values the model has while it is at that step; null if there is none. */
  #current: number | null = null;
  /** How often variables were assigned to. */
  #assignments = 0;
  /** The saves that the directory held when this estimator last restored or saved. */
  #seen: ReadonlySet<string> = new Set();
  /** The ancestors of the current position; undefined when they may have changed. */
  #line: readonly SavedCheckpoint[] | undefined;
  /** Whether this estimator holds the store for writing. */
  #isClaimed = false;
  /** The problems that were printed. */
  readonly #reported = new Set<string>();

  /** @param store to be opened by `open()` */
  constructor(store: CheckpointStore, options: CheckpointsOptions) {
    this.#store = store;
    this.#options = options;
    const { modelDir } = options;
    this.#finder = new CheckpointFinder(store, { modelDir, look: () => this.#reopen() });
  }

  /** Reads what the directory holds. Each problem of the store is printed once. */
  async open(): Promise<void> {
    await this.#store.open();
    this.#line = undefined;
    this.#reportProblems();
  }

  #reportProblems(): void {
    for (const problem of this.#store.problems) {
      if (!this.#reported.has(problem)) this.#options.print(problem);
      this.#reported.add(problem);
    }
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

  /**
   * The checkpoints from which the current position descends, in the order of saving, including the one
   * that is being written. Frozen, and the same list until something changes.
   */
  get saved(): readonly SavedCheckpoint[] {
    if (this.#line !== undefined) return this.#line;
    const line = lineTo(this.#store.saved, this.#parent);
    const pending = this.#pending;
    const others = line.filter(({ globalStep }) => globalStep !== pending?.globalStep);
    const saved = pending === undefined ? line : [...others, pending];
    this.#line = Object.freeze(saved.map((checkpoint) => frozen(checkpoint)));
    return this.#line;
  }

  /** All checkpoints by ascending step, abandoned ones too. A copy. */
  get entries(): ReadonlyMap<number, CheckpointEntry> {
    return new Map([...this.#store.checkpoints].map(([step, entry]) => [step, frozen(entry)]));
  }

  /** The metrics other than the loss by which the store ranks checkpoints. */
  get rankedBy(): readonly string[] {
    return this.#store.rankedBy;
  }

  /** Whether `restoreLatestCkpt()` has a checkpoint to restore. */
  get hasLatest(): boolean {
    const isPending = this.#pending !== undefined && this.#pending.isNonFinite !== true;
    return isPending || this.#store.latest() !== undefined;
  }

  /** The state of the last save; undefined when there was none. A copy. */
  get state(): unknown {
    return structuredClone(this.#store.state);
  }

  /** Whether the store holds checkpoints of another run, none of which was restored. */
  get hasOtherRun(): boolean {
    return !this.#isOwner && this.#store.checkpoints.size > 0;
  }

  /**
   * Claims the directory before training, so that a second process fails before it trains.
   *
   * @param globalStep of the model
   * @throws ModelDirInUseError when it holds another run's checkpoints; ModelDirChangedError when one was
   *   saved elsewhere since this estimator saved or restored; what the store throws when another process
   *   holds it
   */
  async acquire(globalStep: number): Promise<void> {
    this.#writes.throwIfFailed();
    if (!this.#isClaimed) {
      // Before the claim, so that a refusal leaves the directory to others.
      await this.open();
      this.#assertUnchanged(globalStep);
    }
    await this.#store.acquire();
    this.#isClaimed = true;
    this.#line = undefined;
    this.#reportProblems();
    this.#assertUnchanged(globalStep);
  }

  #assertUnchanged(globalStep: number): void {
    const { modelDir } = this.#options;
    if (this.hasOtherRun) {
      throw new ModelDirInUseError(modelDir, Math.max(...this.#store.checkpoints.keys()));
    }
    const unseen = this.#store.saved.findLast(
      (checkpoint) =>
        !this.#seen.has(saveKey(checkpoint)) && checkpoint.globalStep !== this.#pending?.globalStep,
    );
    if (unseen === undefined) return;
    throw new ModelDirChangedError(modelDir, unseen.globalStep, globalStep);
  }

  /**
   * Saves a checkpoint, after the one before is written.
   *
   * @param current the global step of the model
   * @param capture takes the snapshot
   * @param options.allowNonFinite save it even if the model has NaN or infinite values, or its last loss
   *   is one. Default: false
   * @returns the checkpoint's prefix
   * @throws NonFiniteCheckpointError, and what `acquire` throws; then nothing was saved
   */
  async save(
    current: number,
    capture: () => Promise<ModelSnapshot>,
    { allowNonFinite = false }: { readonly allowNonFinite?: boolean | undefined } = {},
  ): Promise<string> {
    await this.idle();
    await this.acquire(current);
    const assignments = this.#assignments;
    const { position, metrics, state, graph, constants, ...reads } = await capture();
    const { globalStep } = position;
    const [values, loss] = await Promise.all([reads.values, reads.nonFiniteLoss]);
    const wrong = findNonFinite(values, constants);
    const isNonFinite = wrong !== undefined || loss !== undefined;
    if (isNonFinite && !allowNonFinite) throw new NonFiniteCheckpointError(globalStep, wrong, loss);
    const tensors = [...positionTensors(position), ...values];
    const attachments = { [GRAPH_SUFFIX]: graph };
    const parent = this.#parent;
    const snapshot = { globalStep, tensors, metrics, parent, isNonFinite, state, attachments };
    const write = this.#store.save(snapshot).then((file) => {
      this.#noteSaved(globalStep);
      return file;
    });
    const note = () => {
      this.#current = this.#assignments === assignments ? globalStep : null;
    };
    if (!this.inBackground) {
      const file = await write;
      note();
      return file;
    }
    note();
    this.#isOwner = true;
    this.#line = undefined;
    this.#pending = {
      globalStep,
      savedAt: this.#options.clock(),
      metrics,
      ...(isNonFinite && { isNonFinite }),
    };
    const finished = write.finally(() => {
      this.#pending = undefined;
      this.#line = undefined;
    });
    this.#saving = finished.then(
      () => true,
      () => false,
    );
    this.#writes.track(finished);
    return this.#store.fileOf(globalStep);
  }

  #noteSaved(globalStep: number): void {
    this.#isOwner = true;
    this.#parent = globalStep;
    this.#noteSeen();
  }

  /** What the store holds now is what this estimator continues from. */
  #noteSeen(): void {
    this.#seen = new Set(this.#store.saved.map(saveKey));
    this.#line = undefined;
  }

  /** The model no longer has the values of the checkpoint that was saved or restored last. */
  noteAssigned(): void {
    this.#assignments += 1;
    this.#current = null;
  }

  /**
   * Attaches metrics to the checkpoint that was saved or restored last, if the model still has its values. The
   * directory may also hold another checkpoint of the same step, of a model that was trained otherwise.
   */
  async recordMetrics({ globalStep, metrics }: ValidationRecord): Promise<void> {
    if (this.#current !== globalStep) return;
    const record = async () => {
      await this.#store.recordMetrics(globalStep, metrics);
      this.#line = undefined;
    };
    // A save in progress may be the one that the metrics belong to.
    if (!this.inBackground) {
      await record();
      return;
    }
    const saving = this.#saving;
    const recorded = saving.then((isSaved) => (isSaved ? record() : undefined));
    this.#saving = recorded.catch(() => {}).then(() => saving);
    this.#writes.track(recorded);
  }

  /** Looks at the directory: another process may have saved, or deleted old checkpoints. */
  async #reopen(): Promise<void> {
    await this.idle();
    await this.open();
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
    await this.#reopen();
    return this.#restore(model, file, options);
  }

  async #restore(
    model: ModelState,
    file: string,
    options: RestoreStateOptions,
  ): Promise<RestoredPosition> {
    const tensors = await this.#store.read(file);
    await model.restore(
      tensors.filter((tensor) => !isPositionTensor(tensor)),
      options,
    );
    const [step, entry] = this.#storedAs(file) ?? [null, undefined];
    // A file from elsewhere says nothing about the run whose checkpoints are here.
    if (entry !== undefined) this.#isOwner = true;
    this.#parent = step;
    this.#current = step;
    this.#saving = Promise.resolve(true);
    this.#noteSeen();
    const position = positionOf(tensors);
    const { globalStep } = position;
    const isValidated = entry?.metrics !== undefined && globalStep === step;
    return {
      position,
      validated: isValidated ? { globalStep, metrics: entry.metrics } : undefined,
    };
  }

  /** The entry of a prefix, which may be relative, or the name of a checkpoint. */
  #storedAs(file: string): readonly [number, CheckpointEntry] | undefined {
    const names = [file, resolve(file)];
    return [...this.#store.checkpoints].find(
      ([, entry]) => names.includes(entry.file) || baseName(entry.file) === file,
    );
  }

  /**
   * Restores the latest or the best checkpoint.
   *
   * @param options.fallback restore the one saved before, and so on, if it is damaged
   * @throws NoCheckpointError when there is none, or none is intact; without `fallback`, what the store
   *   throws for a damaged one
   */
  async restoreChoice(
    model: ModelState,
    choice: CheckpointChoice,
    { fallback = false, ...options }: RestoreStateOptions & { readonly fallback?: boolean } = {},
  ): Promise<RestoredChoice> {
    const { value, skipped, note } = await this.#finder.firstIntact(
      choice,
      () => (fallback ? this.#finder.candidates() : []),
      (file) => this.#restore(model, file, options),
    );
    if (value !== undefined) return { ...value, skipped, note };
    const [first] = skipped;
    if (!fallback && first !== undefined) throw first.error;
    throw this.#finder.nothingToRestore(skipped);
  }

  /** The graph of the latest or the best checkpoint, or of another one whose graph is intact. */
  async graph(choice: CheckpointChoice): Promise<StoredGraph> {
    const { value, file, skipped } = await this.#finder.firstIntact(
      choice,
      // A checkpoint that would not be restored may still hold the graph.
      () => [...this.#finder.candidates(), ...[...this.#store.checkpoints.values()].reverse()],
      (prefix) => this.#store.readAttachment(prefix, GRAPH_SUFFIX),
    );
    return { bytes: value, file, skipped };
  }

  /** @throws NoCheckpointError when the directory holds nothing to restore without being named */
  assertExists(): void {
    this.#finder.assertExists();
  }

  /** Waits for a save in progress and releases the store. */
  async close(): Promise<void> {
    try {
      await this.idle();
    } finally {
      this.#isClaimed = false;
      await this.#store.close();
    }
  }
}
