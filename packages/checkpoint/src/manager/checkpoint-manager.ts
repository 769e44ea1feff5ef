import { SerialQueue } from '@elistimator/internal';
import { assertBlobName, isBlobName } from '../backends/checkpoint-backend';
import { type CheckpointReader, openCheckpoint } from '../bundle/open-checkpoint';
import { CheckpointNotFoundError, CorruptCheckpointError } from '../errors';
import type { CheckpointTensor } from '../tensor';
import { attachmentSums, readAttachment, stagedName } from './attachments';
import { CheckpointJournal } from './checkpoint-journal';
import { prefixOf } from './checkpoint-name';
import type { SavedCheckpoint } from './keep-policies';
import {
  type CheckpointConfiguration,
  type CheckpointManagerOptions,
  configuredSettings,
  type ManagerSettings,
  managerSettings,
} from './manager-options';
import type { CheckpointMetadata } from './metadata';
import { type CheckpointMetrics, rank } from './ranking';
import { assertSnapshot, type CheckpointSnapshot, copyMetrics, copyState } from './snapshot';
import { readVariables, type VariableDType } from './variable-list';

/** A stored checkpoint that can be restored. */
export interface CheckpointEntry {
  /** The checkpoint's prefix: `…/checkpoints/model_iter-3216`. */
  readonly file: string;
  /** Present once validation has run at the checkpoint's step. */
  readonly metrics?: CheckpointMetrics | undefined;
}

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
  #entries:
    | {
        readonly source: CheckpointMetadata;
        readonly byStep: ReadonlyMap<number, CheckpointEntry>;
      }
    | undefined;

  /** @throws InvalidCheckpointOptionError, InvalidBlobNameError */
  constructor(options: CheckpointManagerOptions) {
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
   * Reads the metadata of the stored checkpoints; a directory that does not exist counts as empty. Call it again to
   * see checkpoints that another process has saved since.
   *
   * @throws CorruptCheckpointError if `elistimator_meta` is damaged
   */
  open(): Promise<void> {
    return this.#queue.run(() => this.#journal.open());
  }

  /** By ascending global step. A snapshot that later saves do not change. */
  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    const { metadata } = this.#journal;
    if (this.#entries?.source !== metadata)
      this.#entries = { source: metadata, byStep: this.#entriesOf(metadata) };
    return this.#entries.byStep;
  }

  /** The checkpoints in the order in which they were saved, as keep policies see them. */
  get saved(): readonly SavedCheckpoint[] {
    return this.#journal.metadata.records.map(({ globalStep, savedAt, metrics }) => ({
      globalStep,
      savedAt,
      ...(metrics && { metrics }),
    }));
  }

  /** The `state` of the last save; undefined before the first save. */
  get state(): unknown {
    return this.#journal.metadata.state;
  }

  /** The prefix that the checkpoint of a step has, or would have. */
  fileOf(globalStep: number): string {
    const { backend, naming } = this.#settings;
    return backend.resolve(prefixOf(naming, globalStep));
  }

  /** The entry with the greatest global step. */
  latest(): CheckpointEntry | undefined {
    return [...this.checkpoints.values()].at(-1);
  }

  /** The best entry according to the `best` option; the latest entry if none has its metric. */
  best(): CheckpointEntry | undefined {
    const [best] = rank(this.#journal.metadata.records, this.#settings.best);
    return best === undefined ? this.latest() : this.checkpoints.get(best.globalStep);
  }

  /**
   * Saves a checkpoint and deletes those that the keep policy drops.
   *
   * @returns the checkpoint's prefix, once the checkpoint is on disk
   * @throws DirectoryLockedError, InvalidTensorError, InvalidCheckpointOptionError, and errors of the backend; the
   *   existing checkpoints are then unchanged
   */
  save(snapshot: CheckpointSnapshot): Promise<string> {
    return this.#queue.run(async () => {
      assertSnapshot(snapshot);
      const { backend, naming, clock } = this.#settings;
      const { globalStep, metrics, attachments = {} } = snapshot;
      const state = copyState(snapshot.state);
      const record = {
        globalStep,
        prefix: prefixOf(naming, globalStep),
        savedAt: clock(),
        ...(metrics && { metrics: copyMetrics(metrics) }),
        attachments: attachmentSums(attachments),
      };
      for (const suffix of Object.keys(attachments))
        assertBlobName(stagedName(record.prefix, suffix));
      await this.#journal.write(() => this.#journal.save(record, snapshot, state));
      return backend.resolve(record.prefix);
    });
  }

  /**
   * Replaces the metrics of a stored checkpoint.
   *
   * @returns false if there is no checkpoint of this step
   * @throws DirectoryLockedError, InvalidCheckpointOptionError
   */
  recordMetrics(globalStep: number, metrics: CheckpointMetrics): Promise<boolean> {
    return this.#queue.run(async () => {
      const copy = copyMetrics(metrics);
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
  reader(file: string): Promise<CheckpointReader> {
    const { backend } = this.#settings;
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
  async read(file: string): Promise<readonly CheckpointTensor<VariableDType>[]> {
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
   * @throws DirectoryLockedError if another process holds the lock; CorruptCheckpointError as in `open`
   */
  acquire(): Promise<void> {
    return this.#queue.run(() => this.#journal.write(async () => {}));
  }

  /** Waits for writes in progress and releases the lock. A later write takes it again. */
  close(): Promise<void> {
    return this.#queue.run(() => this.#journal.release());
  }

  #entriesOf({ records }: CheckpointMetadata): ReadonlyMap<number, CheckpointEntry> {
    const { backend } = this.#settings;
    const ascending = [...records].sort((a, b) => a.globalStep - b.globalStep);
    return new Map(
      ascending.map(({ globalStep, prefix, metrics }) => [
        globalStep,
        { file: backend.resolve(prefix), ...(metrics && { metrics }) },
      ]),
    );
  }
}
