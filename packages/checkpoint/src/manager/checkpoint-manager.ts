import { SerialQueue } from '@elistimator/internal';
import { assertBlobName, isBlobName } from '../backends/checkpoint-backend';
import { type CheckpointReader, openCheckpoint } from '../bundle/open-checkpoint';
import { CheckpointNotFoundError, CorruptCheckpointError } from '../errors';
import type { CheckpointTensor } from '../tensor';
import { attachmentSums, readAttachment, waitingName } from './attachments';
import { CheckpointDirectory } from './checkpoint-journal';
import { prefixOf } from './checkpoint-name';
import type { CheckpointMetrics, SavedCheckpoint } from './keep-policies';
import {
  type CheckpointConfiguration,
  type CheckpointManagerOptions,
  configuredSettings,
  type ManagerSettings,
  settingsOf,
} from './manager-options';
import type { CheckpointMetadata } from './metadata';
import { rank } from './ranking';
import { assertSnapshot, type CheckpointSnapshot, copyMetrics, copyState } from './snapshot';
import { readVariables, type VariableDType } from './variable-list';

/** A checkpoint that can be restored. */
export interface CheckpointEntry {
  /** The checkpoint's prefix: `…/checkpoints/model_iter-3216`. */
  readonly file: string;
  /** Present once validation ran at the checkpoint's step. */
  readonly metrics?: CheckpointMetrics | undefined;
}

/**
 * Keeps the checkpoints of one training run: saves them, decides which stay, finds the latest and the best.
 *
 * A save writes data files, `elistimator_meta` with what is being saved, attachments, and the index, each of them
 * atomically: the moment when the index is in its place is the one when the checkpoint, its attachments, metrics and
 * state count, all at once, also where it replaces one of the same step. Then `elistimator_meta` and `checkpoint` say
 * so, and only then old checkpoints are deleted. Whenever the process dies, the newest checkpoint that is whole can be
 * restored; `open()` leaves out what a killed save left behind, and whoever writes next completes or deletes it.
 *
 * The first write takes the backend's lock, so that another process that writes is refused; reading needs none.
 * Several managers of one process may write in turn. Calls may overlap: they run one after the other.
 */
export class CheckpointManager {
  #settings: ManagerSettings;
  readonly #directory: CheckpointDirectory;
  readonly #queue = new SerialQueue();
  #listed:
    | { readonly from: CheckpointMetadata; readonly map: ReadonlyMap<number, CheckpointEntry> }
    | undefined;

  /** @throws InvalidCheckpointOptionError, InvalidBlobNameError */
  constructor(options: CheckpointManagerOptions) {
    this.#settings = settingsOf(options);
    this.#directory = new CheckpointDirectory(this.#settings);
  }

  /**
   * Replaces the configuration, as if the manager had been created with these options and the same backend: an
   * option that is left out takes its default. Works before and after `open()`, which is useful when the
   * configuration is stored in `state`. Applies to the next call of `best()`, `fileOf()` and `read()`, and to the
   * checkpoints that the next save deletes.
   *
   * @throws InvalidCheckpointOptionError, InvalidBlobNameError; the configuration is then unchanged
   */
  configure(options: CheckpointConfiguration): void {
    this.#settings = { ...this.#settings, ...configuredSettings(options) };
    this.#directory.configure(this.#settings);
  }

  /**
   * Reads what the backend holds already; a directory that is not there holds nothing. Called again, it
   * sees what another process has saved since.
   *
   * @throws CorruptCheckpointError when `elistimator_meta` is damaged
   */
  open(): Promise<void> {
    return this.#queue.run(() => this.#directory.open());
  }

  /** By global step, ascending. A snapshot: it does not change under the caller's feet. */
  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    const { known } = this.#directory;
    if (this.#listed?.from !== known) this.#listed = { from: known, map: this.#list(known) };
    return this.#listed.map;
  }

  /** The same checkpoints in the order in which they were saved, as policies and triggers look at them. */
  get saved(): readonly SavedCheckpoint[] {
    return this.#directory.known.records.map(({ globalStep, savedAt, metrics }) => ({
      globalStep,
      savedAt,
      ...(metrics && { metrics }),
    }));
  }

  /** What the last save handed over as `state`; undefined when nothing was ever saved. */
  get state(): unknown {
    return this.#directory.known.state;
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

  /** The best entry by the `best` option, among those that have its metric; the latest when none has. */
  best(): CheckpointEntry | undefined {
    const [best] = rank(this.#directory.known.records, this.#settings.best);
    return best === undefined ? this.latest() : this.checkpoints.get(best.globalStep);
  }

  /**
   * Saves a checkpoint and deletes those that the policy drops.
   *
   * @returns the checkpoint's prefix, once it is safe
   * @throws DirectoryLockedError, InvalidTensorError, InvalidCheckpointOptionError, and what the backend
   *   throws; the checkpoints that were there stay
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
        assertBlobName(waitingName(record.prefix, suffix));
      await this.#directory.write(() => this.#directory.save(record, snapshot, state));
      return backend.resolve(record.prefix);
    });
  }

  /**
   * Attaches metrics to the checkpoint of a step, in place of those it had.
   *
   * @returns false when there is no checkpoint of that step
   * @throws DirectoryLockedError, InvalidCheckpointOptionError
   */
  recordMetrics(globalStep: number, metrics: CheckpointMetrics): Promise<boolean> {
    return this.#queue.run(async () => {
      const copy = copyMetrics(metrics);
      const isThere = () =>
        this.#directory.known.records.some((record) => record.globalStep === globalStep);
      if (!isThere()) return false;
      return this.#directory.write(async () => {
        // Another process may have dropped it before this one took the lock.
        if (!isThere()) return false;
        const { known } = this.#directory;
        const records = known.records.map((record) =>
          record.globalStep === globalStep ? { ...record, metrics: copy } : record,
        );
        await this.#directory.record({ ...known, records });
        return true;
      });
    });
  }

  /**
   * Opens a checkpoint for reading single tensors.
   *
   * @param file a prefix as `checkpoints` lists it, its last part alone, or any path of the file system
   * @throws CheckpointNotFoundError, CorruptCheckpointError
   */
  reader(file: string): Promise<CheckpointReader> {
    const { backend } = this.#settings;
    const name = file.split(/[/\\]/).at(-1) ?? '';
    const own = isBlobName(name) && (file === name || file === backend.resolve(name));
    return own ? openCheckpoint(name, { backend }) : openCheckpoint(file);
  }

  /**
   * Reads every tensor of a checkpoint (those of `varList`, if that was given), verified.
   *
   * @param file as `reader` takes it
   * @throws CheckpointNotFoundError, CorruptCheckpointError, TensorNotFoundError, UnsupportedCheckpointError
   */
  async read(file: string): Promise<readonly CheckpointTensor<VariableDType>[]> {
    return readVariables(await this.reader(file), this.#settings.varList);
  }

  /**
   * True if an error means that a listed checkpoint is damaged or incomplete, so that an older one may be restored
   * instead: CorruptCheckpointError and CheckpointNotFoundError.
   */
  isDamage(error: unknown): boolean {
    return error instanceof CorruptCheckpointError || error instanceof CheckpointNotFoundError;
  }

  /**
   * Reads a file that was saved beside a listed checkpoint, verified; undefined when it has none.
   *
   * @param checkpoint its global step, or a prefix as `checkpoints` lists it, or that one's last part alone
   * @param suffix as `.meta`
   * @throws CorruptCheckpointError, which names the file and both sums
   */
  async readAttachment(
    checkpoint: string | number,
    suffix: string,
  ): Promise<Uint8Array | undefined> {
    const { backend } = this.#settings;
    const record = this.#directory.known.records.find(
      ({ prefix, globalStep }) =>
        globalStep === checkpoint ||
        prefix === checkpoint ||
        backend.resolve(prefix) === checkpoint,
    );
    return record && readAttachment(backend, record, suffix);
  }

  /**
   * Takes the lock now, and holds it until `close()`: another process is refused before it trains, not at its first
   * save. Also completes or deletes what a killed save left.
   *
   * @throws DirectoryLockedError when another process writes there; CorruptCheckpointError, as `open` does
   */
  acquire(): Promise<void> {
    return this.#queue.run(() => this.#directory.write(async () => {}));
  }

  /** Waits for what is under way and releases the lock. A later write takes it again. */
  close(): Promise<void> {
    return this.#queue.run(() => this.#directory.release());
  }

  #list({ records }: CheckpointMetadata): ReadonlyMap<number, CheckpointEntry> {
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
