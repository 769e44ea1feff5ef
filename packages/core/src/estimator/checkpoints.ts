import { ModelDirInUseError, NoCheckpointError } from '../errors';
import { int64Scalar, integerOf } from '../model/checkpoint-tensors';
import type { Model } from '../model/model';
import type {
  CheckpointEntry,
  CheckpointMetrics,
  CheckpointStore,
} from '../ports/checkpoint-store';
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

/** The checkpoints of one estimator: saves its model to a store, and restores it from there. */
export class Checkpoints {
  readonly #store: CheckpointStore;
  readonly #modelDir: string;
  #areOwn: boolean;

  /** @param areOwn whether what the store holds is this estimator's own, saved or restored by it */
  constructor(store: CheckpointStore, modelDir: string, areOwn: boolean) {
    this.#store = store;
    this.#modelDir = modelDir;
    this.#areOwn = areOwn;
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
    const file = await this.#store.save({ globalStep, tensors, metrics, state });
    this.#areOwn = true;
    return file;
  }

  /** Attaches metrics to the checkpoint of their step, if there is one and it is this run's. */
  async record({ globalStep, metrics }: Validated): Promise<void> {
    if (this.#areOwn) await this.#store.recordMetrics(globalStep, metrics);
  }

  /**
   * Restores the model from a checkpoint, or leaves it as it was.
   *
   * @returns the step that it was saved at (undefined when a checkpoint of other origin does not
   *   tell), and what validation gave then
   */
  async restore(
    model: Model,
    file: string,
  ): Promise<{
    readonly globalStep: number | undefined;
    readonly validated: Validated | undefined;
  }> {
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

  close(): Promise<void> {
    return this.#store.close();
  }
}
