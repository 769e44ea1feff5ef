import { ModelDirInUseError, NoCheckpointError } from '../errors';
import { int64Scalar, integerOf } from '../model/checkpoint-tensors';
import type { Model } from '../model/model';
import type {
  CheckpointEntry,
  CheckpointMetrics,
  CheckpointStore,
} from '../ports/checkpoint-store';
import type { SavedCheckpoint } from '../ports/save-trigger';
import type { EstimatorState } from './estimator-state';

/** The key of the global step, as TensorFlow 1 saves it. */
const GLOBAL_STEP = 'global_step';

const nameOf = (file: string): string =>
  file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);

/** A step with the metrics that validation gave at it. */
export interface Validated {
  readonly globalStep: number;
  readonly metrics: CheckpointMetrics;
}

/** What a restored checkpoint tells. */
export interface Restored {
  /** The step that it was saved at; undefined when a checkpoint of other origin does not tell. */
  readonly globalStep: number | undefined;
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

/** A checkpoint that could not be used. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

const isDamage = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'CorruptCheckpointError';

/** The checkpoints of one estimator: saves its model to a store, and restores it from there. */
export class Checkpoints {
  readonly #store: CheckpointStore;
  readonly #modelDir: string;
  readonly #inBackground: boolean;
  #areOwn: boolean;
  /** A save that goes on in the background, and how it ended. */
  #saving: Promise<{ readonly failure?: unknown }> | undefined;
  /** What that save is of. */
  #pending: SavedCheckpoint | undefined;

  constructor(store: CheckpointStore, { modelDir, areOwn, inBackground }: CheckpointsOptions) {
    this.#store = store;
    this.#modelDir = modelDir;
    this.#inBackground = inBackground;
    this.#areOwn = areOwn;
  }

  /**
   * Waits for a save that goes on in the background.
   *
   * @throws what went wrong with it, once
   */
  async #settle(): Promise<void> {
    const saving = this.#saving;
    this.#saving = undefined;
    const outcome = await saving;
    this.#pending = undefined;
    if (outcome !== undefined && 'failure' in outcome) throw outcome.failure;
  }

  /** In the order of saving, with the one that is being written. */
  get saved(): CheckpointStore['saved'] {
    const pending = this.#pending;
    const { saved } = this.#store;
    const isThere = saved.some(({ globalStep }) => globalStep === pending?.globalStep);
    return pending === undefined || isThere ? saved : [...saved, pending];
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
    await this.#settle();
    if (!this.#areOwn) await this.#store.open();
    if (!this.areForeign) return;
    throw new ModelDirInUseError(this.#modelDir, Math.max(...this.entries.keys()));
  }

  /**
   * Saves the model.
   *
   * @param validated goes with the checkpoint when it is of the same step
   * @returns the checkpoint's prefix
   */
  async save(
    model: Model,
    globalStep: number,
    validated: Validated | undefined,
    state: EstimatorState,
  ): Promise<string> {
    await this.refuseForeign();
    const tensors = [int64Scalar(GLOBAL_STEP, globalStep), ...(await model.read())];
    const metrics = validated?.globalStep === globalStep ? validated.metrics : undefined;
    const saving = this.#store.save({ globalStep, tensors, metrics, state });
    if (!this.#inBackground) {
      const file = await saving;
      this.#areOwn = true;
      return file;
    }
    this.#pending = { globalStep, savedAt: Date.now(), metrics };
    // Whoever calls next learns of a failure.
    this.#saving = saving.then(
      () => ({}),
      (failure: unknown) => ({ failure }),
    );
    this.#areOwn = true;
    return this.#store.fileOf(globalStep);
  }

  /** Attaches metrics to the checkpoint of their step, if there is one and it is this run's. */
  async record({ globalStep, metrics }: Validated): Promise<void> {
    await this.#settle();
    if (this.#areOwn) await this.#store.recordMetrics(globalStep, metrics);
  }

  /**
   * Restores the model from a checkpoint, or leaves it as it was.
   *
   * @throws what the store throws, and VariableMismatchError
   */
  async restore(model: Model, file: string): Promise<Restored> {
    await this.#settle();
    const tensors = await this.#store.read(file);
    await model.restore(tensors.filter(({ name }) => name !== GLOBAL_STEP));
    this.#areOwn = true;
    const step = tensors.find(({ name }) => name === GLOBAL_STEP);
    const globalStep = step && integerOf(step);
    const entry = globalStep === undefined ? undefined : this.entries.get(globalStep);
    // A prefix may be given relative, where entries have it whole.
    const metrics = entry && nameOf(entry.file) === nameOf(file) ? entry.metrics : undefined;
    return {
      globalStep,
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
    model: Model,
    first: CheckpointEntry,
  ): Promise<Restored & { readonly skipped: readonly Skipped[] }> {
    await this.#settle();
    const others = [...this.entries.values()].reverse().filter(({ file }) => file !== first.file);
    const skipped: Skipped[] = [];
    for (const { file } of [first, ...others]) {
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

  /** @throws NoCheckpointError */
  latest(): CheckpointEntry {
    return this.#existing(this.#store.latest());
  }

  /** @throws NoCheckpointError */
  best(): CheckpointEntry {
    return this.#existing(this.#store.best());
  }

  #existing(entry: CheckpointEntry | undefined): CheckpointEntry {
    if (entry !== undefined) return entry;
    throw new NoCheckpointError(`No checkpoints to restore from in ${this.#modelDir}`);
  }

  /** Waits for a save under way, and releases the store. */
  async close(): Promise<void> {
    try {
      await this.#settle();
    } finally {
      await this.#store.close();
    }
  }
}
