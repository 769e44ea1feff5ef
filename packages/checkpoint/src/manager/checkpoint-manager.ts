import { isBlobName } from '../backends';
import { type CheckpointReader, openCheckpoint, writeCheckpoint } from '../bundle';
import { CheckpointNotFoundError, CorruptCheckpointError } from '../errors';
import { type CheckpointMetrics, rank, type SavedCheckpoint } from '../policies';
import type { CheckpointTensor } from '../tensor';
import { attachmentSums, readAttachment, staleAttachments } from './attachments';
import { blobsOf, groupBundles } from './bundle-files';
import { prefixOf } from './checkpoint-name';
import { formatCheckpointState, STATE_NAME } from './checkpoint-state';
import { type Inventory, takeInventory } from './inventory';
import { leftoversOf } from './leftovers';
import { type CheckpointManagerOptions, type ManagerSettings, settingsOf } from './manager-options';
import {
  type CheckpointMetadata,
  type CheckpointRecord,
  formatMetadata,
  METADATA_NAME,
} from './metadata';
import { readVariables, type VariableDType } from './read-variables';
import { withSaved } from './retention';
import { SerialQueue } from './serial-queue';
import { assertSnapshot, type CheckpointSnapshot, copyMetrics, copyState } from './snapshot';
import { toCheckpoint } from './variable-list';

/** A checkpoint that can be restored. */
export interface CheckpointEntry {
  /** The checkpoint's prefix: `…/checkpoints/model_iter-3216`. */
  readonly file: string;
  /** Present once validation ran at the checkpoint's step. */
  readonly metrics?: CheckpointMetrics | undefined;
}

/** A checkpoint that was read, and the newer ones that were found damaged. */
export interface IntactCheckpoint {
  readonly file: string;
  readonly tensors: readonly CheckpointTensor<VariableDType>[];
  readonly skipped: readonly CorruptCheckpointError[];
}

/**
 * Keeps the checkpoints of one training run: saves them, decides which stay, finds the latest and the best.
 *
 * A save writes data files, index, attachments, `elistimator_meta` and `checkpoint`, in this order and each
 * of them atomically; only then old checkpoints are deleted. Whenever the process dies, the newest checkpoint
 * that is whole can be restored; `open()` leaves out what a killed save left behind, and the next save deletes
 * it. Saving a step again replaces its checkpoint at the moment when the new index is renamed into place.
 *
 * The first write takes the backend's lock, so that a second writer is refused; reading needs none.
 * Calls may overlap: they run one after the other.
 */
export class CheckpointManager {
  readonly #settings: ManagerSettings;
  readonly #queue = new SerialQueue();
  #known: CheckpointMetadata | undefined;
  #checkpoints: ReadonlyMap<number, CheckpointEntry> = new Map();
  /** Prefixes that the policy dropped and whose blobs are still to be deleted. */
  #pending: readonly string[] = [];
  #release: (() => Promise<void>) | undefined;

  /** @throws InvalidCheckpointOptionError, InvalidBlobNameError */
  constructor(options: CheckpointManagerOptions) {
    this.#settings = settingsOf(options);
  }

  /**
   * Reads what the backend holds already; a directory that is not there holds nothing. Called again, it
   * sees what another process has saved since.
   *
   * @throws CorruptCheckpointError when `elistimator_meta` is damaged
   */
  open(): Promise<void> {
    return this.#queue.run(async () => {
      // A directory that may only be read, or leftovers that cannot go, are no obstacle to reading.
      await this.#settings.backend.clean?.({ exclusive: false }).catch(() => undefined);
      await this.#load();
    });
  }

  /** By global step, ascending. A snapshot: it does not change under the caller's feet. */
  get checkpoints(): ReadonlyMap<number, CheckpointEntry> {
    return this.#checkpoints;
  }

  /** The same checkpoints in the order in which they were saved, as policies and triggers look at them. */
  get saved(): readonly SavedCheckpoint[] {
    return (this.#known?.records ?? []).map(({ globalStep, savedAt, metrics }) => ({
      globalStep,
      savedAt,
      ...(metrics && { metrics }),
    }));
  }

  /** What the last save handed over as `state`; undefined when nothing was ever saved. */
  get state(): unknown {
    return this.#known?.state;
  }

  /** The entry with the greatest global step. */
  latest(): CheckpointEntry | undefined {
    return [...this.#checkpoints.values()].at(-1);
  }

  /** The best entry by the `best` option, among those that have its metric; the latest when none has. */
  best(): CheckpointEntry | undefined {
    const [best] = rank(this.#known?.records ?? [], this.#settings.best);
    return best === undefined ? this.latest() : this.#checkpoints.get(best.globalStep);
  }

  /**
   * Saves a checkpoint and deletes those that the policy drops.
   *
   * @returns the checkpoint's prefix, once it is safe
   * @throws DirectoryLockedError, InvalidTensorError, InvalidCheckpointOptionError, and what the backend
   *   throws; the checkpoints that were there stay
   */
  save(snapshot: CheckpointSnapshot): Promise<string> {
    return this.#queue.run(() => this.#save(snapshot));
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
      const { records, ...rest } = await this.#held();
      if (!records.some((record) => record.globalStep === globalStep)) return false;
      const changed = records.map((record) =>
        record.globalStep === globalStep ? { ...record, metrics: copy } : record,
      );
      await this.#record({ ...rest, records: changed });
      return true;
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
   * Reads the newest checkpoint that is not damaged, and says which were.
   *
   * @throws CheckpointNotFoundError when there is none at all; CorruptCheckpointError, the newest one's, when
   *   all are damaged
   */
  async readNewestIntact(): Promise<IntactCheckpoint> {
    const skipped: CorruptCheckpointError[] = [];
    for (const { file } of [...this.#checkpoints.values()].reverse()) {
      try {
        return { file, tensors: await this.read(file), skipped };
      } catch (error) {
        if (!(error instanceof CorruptCheckpointError)) throw error;
        skipped.push(error);
      }
    }
    const { backend, naming } = this.#settings;
    throw skipped[0] ?? new CheckpointNotFoundError(backend.resolve(`${naming.filename}-*`));
  }

  /**
   * Reads a file that was saved beside a listed checkpoint, verified; undefined when it has none.
   *
   * @param file a prefix as `checkpoints` lists it, or its last part alone
   * @param suffix as `.meta`
   * @throws CorruptCheckpointError
   */
  async readAttachment(file: string, suffix: string): Promise<Uint8Array | undefined> {
    const { backend } = this.#settings;
    const record = this.#known?.records.find(
      ({ prefix }) => prefix === file || backend.resolve(prefix) === file,
    );
    return record && readAttachment(backend, record, suffix);
  }

  /** Waits for what is under way and releases the lock. A later write takes it again. */
  close(): Promise<void> {
    return this.#queue.run(async () => {
      const release = this.#release;
      this.#release = undefined;
      await release?.();
    });
  }

  async #load(): Promise<Inventory> {
    const { backend, naming, clock } = this.#settings;
    const now = clock();
    const found = await takeInventory(backend, naming, now);
    const inventory = {
      ...found,
      startedAt: Math.min(found.startedAt, this.#known?.startedAt ?? now),
    };
    this.#adopt(inventory);
    return inventory;
  }

  #adopt({ startedAt, records, retired, state }: CheckpointMetadata): void {
    this.#known = { startedAt, records, retired, state };
    this.#checkpoints = new Map(
      [...records]
        .sort((a, b) => a.globalStep - b.globalStep)
        .map(({ globalStep, prefix, metrics }) => [
          globalStep,
          { file: this.#settings.backend.resolve(prefix), ...(metrics && { metrics }) },
        ]),
    );
  }

  /** What is known, once this manager may write. Taking the lock, it looks again at what others did before. */
  async #held(): Promise<CheckpointMetadata> {
    const { backend, naming } = this.#settings;
    if (this.#release !== undefined && this.#known !== undefined) return this.#known;
    const release = (await backend.lock?.()) ?? (async () => {});
    try {
      await backend.clean?.({ exclusive: true });
      const inventory = await this.#load();
      for (const name of await leftoversOf(backend, naming, inventory)) await backend.delete(name);
      this.#pending = [];
      this.#release = release;
      return inventory;
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #record(known: CheckpointMetadata): Promise<void> {
    await this.#settings.backend.write(METADATA_NAME, Buffer.from(formatMetadata(known)));
    this.#adopt(known);
  }

  async #save(snapshot: CheckpointSnapshot): Promise<string> {
    assertSnapshot(snapshot);
    const { backend, naming, clock, keep } = this.#settings;
    const { globalStep, metrics, attachments = {} } = snapshot;
    const state = copyState(snapshot.state);
    const known = await this.#held();
    const record: CheckpointRecord = {
      globalStep,
      prefix: prefixOf(naming, globalStep),
      savedAt: clock(),
      ...(metrics && { metrics: copyMetrics(metrics) }),
      attachments: attachmentSums(attachments),
    };
    const next = withSaved({ ...known, retired: this.#pending, state }, record, keep, naming);
    // A retired prefix is not listed: were it used again before that is undone, a kill would lose the save.
    if (known.retired.includes(record.prefix))
      await this.#record({ ...known, retired: this.#pending });
    const before = known.records.find(({ prefix }) => prefix === record.prefix);
    await this.#write(record.prefix, snapshot, before !== undefined);
    await this.#record(next);
    this.#pending = next.retired;
    await this.#writeState(next);
    for (const name of staleAttachments(before, record)) await backend.delete(name);
    await this.#prune(known);
    return backend.resolve(record.prefix);
  }

  async #write(prefix: string, snapshot: CheckpointSnapshot, replacing: boolean): Promise<void> {
    const { backend, shards, varList } = this.#settings;
    await writeCheckpoint(prefix, toCheckpoint(varList, snapshot.tensors), { backend, shards });
    try {
      for (const [suffix, bytes] of Object.entries(snapshot.attachments ?? {})) {
        await backend.write(`${prefix}${suffix}`, bytes);
      }
    } catch (error) {
      // Nothing knows of it yet, and it takes room. That it stays must not hide the first failure.
      if (!replacing)
        await this.#remove(prefix, Object.keys(snapshot.attachments ?? {})).catch(() => undefined);
      throw error;
    }
  }

  async #writeState({ records, startedAt }: CheckpointMetadata): Promise<void> {
    const { backend, saveRelativePaths } = this.#settings;
    const all = records.map(({ prefix }) => (saveRelativePaths ? prefix : backend.resolve(prefix)));
    const text = formatCheckpointState({
      latest: all.at(-1) ?? '',
      all,
      timestamps: records.map(({ savedAt }) => savedAt / 1000),
      lastPreserved: startedAt / 1000,
    });
    await backend.write(STATE_NAME, Buffer.from(text));
  }

  /** Deletes what the policy dropped. What cannot go stays pending, and the next save tries again. */
  async #prune({ records }: CheckpointMetadata): Promise<void> {
    const suffixes = new Set([
      '.meta',
      ...records.flatMap(({ attachments }) => Object.keys(attachments)),
    ]);
    for (const prefix of this.#pending) {
      await this.#remove(prefix, suffixes);
      this.#pending = this.#pending.filter((one) => one !== prefix);
    }
  }

  /** Deletes a checkpoint, its index first: without it the rest is none. */
  async #remove(prefix: string, suffixes: Iterable<string>): Promise<void> {
    const { backend } = this.#settings;
    const files = groupBundles(await backend.list(`${prefix}.`)).get(prefix);
    if (files === undefined) return;
    for (const name of blobsOf(prefix, files, suffixes)) await backend.delete(name);
  }
}
