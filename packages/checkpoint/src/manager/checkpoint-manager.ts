import {
  assertArguments,
  checkAsyncMethods,
  checkMethods,
  kinds,
  optional,
  required,
  requiredOptions,
  SerialQueue,
} from '@elistimator/internal';
import { assertBlobName, isBlobName } from '../backends/checkpoint-backend';
import { type CheckpointReader, openCheckpoint } from '../bundle/open-checkpoint';
import { CheckpointNotFoundError, CorruptCheckpointError } from '../errors';
import type { CheckpointTensor } from '../tensor';
import { attachmentSums, readAttachment, stagedName } from './attachments';
import { CheckpointJournal } from './checkpoint-journal';
import { prefixOf } from './checkpoint-name';
import { type CheckpointEntry, type CheckpointView, viewOf } from './checkpoint-view';
import type { SavedCheckpoint } from './keep-policies';
import { latestOf, parentOf } from './lineage';
import {
  type CheckpointConfiguration,
  type CheckpointManagerOptions,
  configuredSettings,
  type ManagerSettings,
  managerSettings,
} from './manager-options';
import { isModelNonFinite } from './non-finite';
import { assertMetricExists, type CheckpointMetrics, rank } from './ranking';
import { type CheckpointSnapshot, copyMetrics, copySnapshot } from './snapshot';
import { readVariables, selectTensors, type VariableDType } from './variable-list';

/**
 * Stores the checkpoints of one training run: saves them, decides which to keep, and finds the latest and the best.
 *
 * A save writes data files, `elistimator_meta` with the pending save, attachments, and the index, each of them
 * atomically. The index commits the checkpoint together with its attachments, metrics and state, also if it
 * replaces a checkpoint of the same step. After that, `elistimator_meta` and `checkpoint` are updated, and only then
 * are old checkpoints deleted. Whenever the process is killed, the newest committed checkpoint can be restored:
 * `open()` ignores the remains of an interrupted save, and the next writer completes or deletes them.
 *
 * The first write takes the backend's lock, which keeps other processes from writing; reading does not need it.
 * Several managers in one process may write in turn. Calls may overlap and run one after the other.
 */
export class CheckpointManager {
  #settings: ManagerSettings;
  readonly #journal: CheckpointJournal;
  readonly #queue = new SerialQueue();
  #currentView: CheckpointView | undefined;

  /** @throws InvalidCheckpointOptionError, InvalidBlobNameError */
  constructor(options: CheckpointManagerOptions) {
    assertArguments('new CheckpointManager()', arguments, { options: required(kinds.object) });
    this.#settings = managerSettings(options);
    this.#journal = new CheckpointJournal(this.#settings);
  }

  /**
   * Replaces the configuration, as if the manager had been created with these options and the same backend: options
   * that are left out take their defaults. Works before and after `open()`, for example to apply a configuration
   * that is stored in `state`. Applies to the next call of `best()`, `fileOf()` and `read()`, and to the next save.
   *
   * @throws InvalidCheckpointOptionError, InvalidBlobNameError; the configuration is then unchanged
   */
  configure(options?: CheckpointConfiguration): void {
    this.#settings = { ...this.#settings, ...configuredSettings(options) };
    this.#journal.configure(this.#settings);
  }

  /**
   * Reads which checkpoints are stored; a directory that does not exist counts as empty. Call it again to see
   * checkpoints that another process has saved since. Damage to `elistimator_meta` or `checkpoint` is reported in
   * `problems`; the checkpoints are then found by their files.
   *
   * @throws errors of the backend
   */
  open(): Promise<void> {
    return this.#queue.run(() => this.#journal.open());
  }

  /** By ascending global step. A snapshot that later saves do not change. */
  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    return new Map(this.#view().entries);
  }

  /** The checkpoints in the order in which they were saved, with their marks. */
  get saved(): readonly SavedCheckpoint[] {
    return this.#view().saved;
  }

  /** The `state` of the last save, frozen; undefined before the first save, or if `elistimator_meta` was lost. */
  get state(): unknown {
    return this.#journal.metadata.state;
  }

  /**
   * The problems that the last `open` or `acquire` found, as sentences for the user, such as damaged metadata or a
   * checkpoint without its data file. Intact checkpoints are listed nevertheless.
   */
  get problems(): readonly string[] {
    return this.#journal.problems;
  }

  /** The metrics by which the configuration ranks checkpoints, apart from `loss`. */
  get rankedBy(): readonly string[] {
    return this.#settings.rankedBy;
  }

  /** The prefix that the checkpoint of a step has, or would have. */
  fileOf(globalStep: number): string {
    const { backend, naming } = this.#settings;
    return backend.resolve(prefixOf(naming, globalStep));
  }

  /**
   * The finite entry saved last, which the `checkpoint` file names. Undefined if no finite checkpoint is stored.
   */
  latest(): CheckpointEntry | undefined {
    return this.#entryOf(latestOf(this.#view().saved));
  }

  /**
   * The best entry according to the `best` option. The latest entry if no validation was recorded, or none with a
   * finite value. Never one that is abandoned or not finite.
   *
   * @throws UnknownMetricError if validations are recorded and none has the metric
   */
  best(): CheckpointEntry | undefined {
    const { saved } = this.#view();
    const { best: ranking } = this.#settings;
    assertMetricExists(saved, ranking);
    const [best] = rank(saved, ranking);
    return best === undefined ? this.latest() : this.#entryOf(best);
  }

  /**
   * Saves a checkpoint and deletes those that the keep policy drops.
   *
   * @returns the checkpoint's prefix, once the checkpoint is on disk
   * @throws DirectoryLockedError, InvalidTensorError, InvalidCheckpointOptionError, and errors of the backend; the
   *   existing checkpoints are then unchanged
   */
  async save(snapshot: CheckpointSnapshot): Promise<string> {
    // Copied now: the caller may change its objects while this save waits for others.
    const { globalStep, metrics, parent, tensors, ...copy } = copySnapshot(snapshot);
    const { attachments } = copy;
    return this.#queue.run(async () => {
      const { backend, naming, clock, varList } = this.#settings;
      const prefix = prefixOf(naming, globalStep);
      for (const suffix of Object.keys(attachments)) assertBlobName(stagedName(prefix, suffix));
      const selected = selectTensors(varList, tensors);
      const isNonFinite = copy.isNonFinite ?? isModelNonFinite(selected);
      await this.#journal.write(async () => {
        const record = {
          globalStep,
          prefix,
          savedAt: clock(),
          parent: parentOf(this.#journal.metadata.records, globalStep, parent),
          ...(isNonFinite && { isNonFinite: true as const }),
          ...(metrics && { metrics }),
          attachments: attachmentSums(attachments),
        };
        await this.#journal.save(record, selected, copy);
      });
      return backend.resolve(prefix);
    });
  }

  /**
   * Replaces the metrics of a stored checkpoint.
   *
   * @returns false if there is no checkpoint of this step
   * @throws DirectoryLockedError, InvalidCheckpointOptionError
   */
  async recordMetrics(globalStep: number, metrics: CheckpointMetrics): Promise<boolean> {
    const copy = copyMetrics(metrics);
    return this.#queue.run(async () => {
      const exists = () =>
        this.#journal.metadata.records.some((record) => record.globalStep === globalStep);
      if (!exists()) return false;
      return this.#journal.write(async () => {
        // Another process may have deleted it before this one took the lock.
        if (!exists()) return false;
        const { metadata } = this.#journal;
        const records = metadata.records.map((record) =>
          record.globalStep === globalStep ? { ...record, metrics: copy } : record,
        );
        await this.#journal.record({ ...metadata, records });
        return true;
      });
    });
  }

  /**
   * Opens a checkpoint to read single tensors.
   *
   * @param file a prefix as in `checkpoints`, or the last part of one, or any path of the file system
   * @throws CheckpointNotFoundError, CorruptCheckpointError
   */
  async reader(file: string | URL): Promise<CheckpointReader> {
    const { backend } = this.#settings;
    if (typeof file !== 'string') return openCheckpoint(file);
    const name = file.split(/[/\\]/).at(-1) ?? '';
    const isStored = isBlobName(name) && (file === name || file === backend.resolve(name));
    return isStored ? openCheckpoint(name, { backend }) : openCheckpoint(file);
  }

  /**
   * Reads and verifies every tensor of a checkpoint, or those that `varList` selects.
   *
   * @param file as in `reader`
   * @throws CheckpointNotFoundError, CorruptCheckpointError, TensorNotFoundError, UnsupportedCheckpointError
   */
  async read(file: string | URL): Promise<readonly CheckpointTensor<VariableDType>[]> {
    return readVariables(await this.reader(file), this.#settings.varList);
  }

  /**
   * Reads and verifies an attachment of a stored checkpoint.
   *
   * @param checkpoint a global step, or a prefix as in `checkpoints`, or the last part of one
   * @param suffix such as `.meta`
   * @returns undefined if the checkpoint has no such attachment
   * @throws CorruptCheckpointError
   */
  async readAttachment(
    checkpoint: string | number,
    suffix: string,
  ): Promise<Uint8Array | undefined> {
    const { backend } = this.#settings;
    const record = this.#journal.metadata.records.find(
      ({ prefix, globalStep }) =>
        globalStep === checkpoint ||
        prefix === checkpoint ||
        backend.resolve(prefix) === checkpoint,
    );
    return record && readAttachment(backend, record, suffix);
  }

  /**
   * True if an error of `read`, `reader` or `readAttachment` means that a listed checkpoint is damaged or missing,
   * so that another one may be restored instead: a CorruptCheckpointError or a CheckpointNotFoundError.
   */
  isDamage(error: unknown): boolean {
    return error instanceof CorruptCheckpointError || error instanceof CheckpointNotFoundError;
  }

  /**
   * Takes the lock now and holds it until `close()`, so that a second process fails before it trains rather than at
   * its first save. Also completes or deletes the remains of an interrupted save.
   *
   * @throws DirectoryLockedError if another process holds the lock; UnsupportedCheckpointError if a later version of
   *   this package wrote `elistimator_meta`
   */
  async acquire(): Promise<void> {
    return this.#queue.run(() => this.#journal.acquire());
  }

  /** Waits for writes in progress and releases the lock. A later write takes it again. */
  close(): Promise<void> {
    return this.#queue.run(() => this.#journal.release());
  }

  #entryOf(checkpoint: SavedCheckpoint | undefined): CheckpointEntry | undefined {
    return checkpoint && this.#view().entries.get(checkpoint.globalStep);
  }

  /** The metadata as users see it, until it changes. */
  #view(): CheckpointView {
    const { metadata } = this.#journal;
    if (this.#currentView?.source !== metadata) {
      const { backend } = this.#settings;
      this.#currentView = viewOf(metadata, (prefix) => backend.resolve(prefix));
    }
    return this.#currentView;
  }
}

checkAsyncMethods(CheckpointManager.prototype, 'manager.', {
  open: {},
  save: {
    snapshot: requiredOptions<CheckpointSnapshot>({
      globalStep: true,
      tensors: required(kinds.array),
      metrics: true,
      parent: true,
      isNonFinite: kinds.boolean,
      state: true,
      attachments: kinds.object,
    }),
  },
  recordMetrics: { globalStep: required(kinds.nonNegativeInteger), metrics: required() },
  reader: { file: required() },
  read: { file: required() },
  readAttachment: { checkpoint: required(), suffix: required(kinds.string) },
  acquire: {},
  close: {},
});
checkMethods(CheckpointManager.prototype, 'manager.', {
  configure: { options: optional() },
  fileOf: { globalStep: required(kinds.nonNegativeInteger) },
  latest: {},
  best: {},
  isDamage: { error: optional() },
});
