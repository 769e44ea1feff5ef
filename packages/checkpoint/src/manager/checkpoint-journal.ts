import { maskedCrc32c } from '@elistimator/protos';
import type { WriteLock } from '../backends/checkpoint-backend';
import { blobsOf, groupBundles, indexName } from '../bundle/bundle-files';
import { stageCheckpoint } from '../bundle/write-checkpoint';
import { DirectoryLockedError } from '../errors';
import type { WritableTensor } from '../tensor';
import { promoteStaged, stagedName } from './attachments';
import { formatCheckpointState, STATE_NAME } from './checkpoint-state';
import { applyCommit, applyKeepPolicy } from './commit';
import { latestOf } from './lineage';
import type { ManagerSettings } from './manager-options';
import {
  type CheckpointMetadata,
  type CheckpointRecord,
  formatMetadata,
  METADATA_NAME,
  metadataOf,
} from './metadata';
import { type BackendScan, orphansOf, scan } from './scan';
import type { CopiedSnapshot } from './snapshot';
import { keepDamagedMetadata } from './stored-texts';

/** For backends without a lock, whose users agree on a single writer. */
const noLock: WriteLock = { run: (task) => task(false), release: async () => {} };

const emptyMetadata = metadataOf(Number.POSITIVE_INFINITY);

/** What still has to be deleted: dropped prefixes, and blobs of attachments. */
type PendingDeletions = Pick<CheckpointMetadata, 'retired' | 'stale'>;

const noDeletions: PendingDeletions = { retired: [], stale: [] };

/**
 * The blobs of one training run and their metadata. Makes every change in an order from which a later writer can
 * recover, at whatever point this process is killed.
 */
export class CheckpointJournal {
  #settings: ManagerSettings;
  #metadata = emptyMetadata;
  #problems: readonly string[] = [];
  #pendingDeletions = noDeletions;
  #lock: WriteLock | undefined;
  /** True if the lock is held and the directory could be read since it was taken. */
  #lockVerified = false;
  /** True if the blobs match the metadata: no other manager has written, and no write of this one has failed. */
  #consistent = false;

  constructor(settings: ManagerSettings) {
    this.#settings = settings;
  }

  /** Applies to the next task. */
  configure(settings: ManagerSettings): void {
    const { filename, padStepNumber } = this.#settings.naming;
    const { naming } = settings;
    // The naming decides which blobs are orphans, so the next write has to look for them again.
    if (filename !== naming.filename || padStepNumber !== naming.padStepNumber)
      this.#consistent = false;
    this.#settings = settings;
  }

  /** The metadata that was last read or written. */
  get metadata(): CheckpointMetadata {
    return this.#metadata;
  }

  /** The problems found when the directory was last read. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Reads the metadata, and removes temporary files of processes that no longer exist. */
  async open(): Promise<void> {
    // Reading must also work where deleting is not allowed.
    await this.#settings.backend.clean?.({ exclusive: false }).catch(() => undefined);
    await this.#load();
  }

  /**
   * Runs a task that writes. Takes the lock first, and recovers the directory unless it is known to be consistent.
   *
   * @throws DirectoryLockedError, UnsupportedCheckpointError, and errors of the task
   */
  async write<T>(task: () => Promise<T>): Promise<T> {
    this.#lock ??= (await this.#settings.backend.lock?.()) ?? noLock;
    try {
      return await this.#lock.run(async (othersWrote) => {
        if (othersWrote || !this.#consistent) await this.#recover();
        this.#lockVerified = true;
        return task();
      });
    } catch (error) {
      // The lock was lost, so the next write has to take it again.
      if (error instanceof DirectoryLockedError) this.#lockVerified = false;
      throw error;
    } finally {
      // Do not keep a directory locked that could not be read.
      if (!this.#lockVerified) await this.release();
    }
  }

  /** Takes the lock and reads the directory, unless no other process can have written since the last time. */
  async acquire(): Promise<void> {
    if (this.#lock === noLock) this.#consistent = false;
    await this.write(async () => {});
  }

  /** Releases the lock; the next write takes it again. */
  async release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    this.#lockVerified = false;
    this.#consistent = false;
    await lock?.release();
  }

  /** Writes the metadata, then updates the copy in memory. */
  async record(metadata: CheckpointMetadata): Promise<void> {
    await this.#settings.backend.write(METADATA_NAME, Buffer.from(formatMetadata(metadata)));
    this.#metadata = metadata;
  }

  /**
   * Saves a checkpoint. Writes its data files, the metadata with the pending save, the attachments, and the index,
   * which commits it. If the process is killed after that, the next writer completes the remaining steps.
   */
  async save(
    record: CheckpointRecord,
    tensors: readonly WritableTensor[],
    { attachments, state }: Pick<CopiedSnapshot, 'attachments' | 'state'>,
  ): Promise<void> {
    try {
      await this.#save(record, tensors, attachments, state);
    } catch (error) {
      this.#consistent = false;
      // Free the disk space of the failed save now. If this fails too, the next write starts with it.
      if (!(error instanceof DirectoryLockedError)) await this.#recover().catch(() => undefined);
      throw error;
    }
  }

  async #save(
    record: CheckpointRecord,
    tensors: readonly WritableTensor[],
    attachments: CopiedSnapshot['attachments'],
    state: unknown,
  ): Promise<void> {
    const { backend, shards } = this.#settings;
    const { prefix } = record;
    // Remains of a retired checkpoint must not become part of a new one with the same prefix.
    if (this.#pendingDeletions.retired.includes(prefix)) await this.#drop(prefix);
    const staged = await stageCheckpoint({ backend, prefix }, tensors, shards);
    const saving = { record, index: maskedCrc32c(staged.index), state };
    await this.record({ ...this.#metadata, ...this.#pendingDeletions, saving });
    const replaces = (await backend.size(indexName(prefix))) !== undefined;
    for (const [suffix, bytes] of Object.entries(attachments))
      await backend.write(replaces ? stagedName(prefix, suffix) : `${prefix}${suffix}`, bytes);
    await staged.commit();
    this.#metadata = applyCommit(this.#metadata, saving);
    await this.#complete(record);
    await staged.deleteReplaced();
  }

  /** The steps after a commit: promotes attachments, applies the keep policy, deletes what it drops. */
  async #complete(record: CheckpointRecord): Promise<void> {
    const { backend, naming, keep } = this.#settings;
    const promoted = await promoteStaged(backend, record);
    await this.record(applyKeepPolicy(this.#metadata, record, keep, naming));
    const { retired, stale } = this.#metadata;
    this.#pendingDeletions = { retired, stale };
    await this.#writeState();
    for (const prefix of retired) await this.#drop(prefix);
    for (const name of [...promoted, ...stale]) await backend.delete(name);
    this.#pendingDeletions = noDeletions;
  }

  async #load(): Promise<BackendScan> {
    const { backend, naming, clock } = this.#settings;
    const earlier = new Map(this.#metadata.records.map(({ prefix, savedAt }) => [prefix, savedAt]));
    const result = await scan(backend, naming, clock(), earlier);
    const startedAt = Math.min(result.startedAt, this.#metadata.startedAt);
    const { records, retired, stale, damaged, state } = result;
    this.#metadata = { startedAt, records, retired, stale, damaged, state };
    this.#problems = result.problems;
    return result;
  }

  /** Completes a committed save that was interrupted, and deletes the remains of uncommitted ones. */
  async #recover(): Promise<void> {
    const { backend, naming } = this.#settings;
    this.#consistent = false;
    await backend.clean?.({ exclusive: true });
    let result = await this.#load();
    if (result.source.kind === 'later') throw result.source.error;
    if (result.source.kind === 'damaged') await keepDamagedMetadata(backend);
    if (result.saving !== undefined && result.needsCompletion) {
      await this.#complete(result.saving.record);
      result = await this.#load();
    }
    for (const name of await orphansOf(backend, naming, result)) await backend.delete(name);
    this.#pendingDeletions = noDeletions;
    // A process that was killed after it had written the metadata.
    const isStated = result.statedLatest === latestOf(result.records)?.prefix;
    if (result.source.kind === 'intact' && !isStated) await this.#writeState();
    this.#consistent = true;
  }

  /** Without a checkpoint that is finite there is no `checkpoint` file, since it has to name one. */
  async #writeState(): Promise<void> {
    const { backend, saveRelativePaths } = this.#settings;
    const { records, startedAt } = this.#metadata;
    const latest = latestOf(records);
    if (latest === undefined) {
      await backend.delete(STATE_NAME);
      return;
    }
    const pathOf = ({ prefix }: CheckpointRecord) =>
      saveRelativePaths ? prefix : backend.resolve(prefix);
    const text = formatCheckpointState({
      latest: pathOf(latest),
      all: records.map(pathOf),
      timestamps: records.map(({ savedAt }) => savedAt / 1000),
      lastPreserved: startedAt / 1000,
    });
    await backend.write(STATE_NAME, Buffer.from(text));
  }

  async #drop(prefix: string): Promise<void> {
    const { backend } = this.#settings;
    const files = groupBundles(await backend.list(`${prefix}.`)).get(prefix);
    const names = files === undefined ? [] : blobsOf(prefix, files);
    for (const name of names) await backend.delete(name);
    const retired = this.#pendingDeletions.retired.filter((other) => other !== prefix);
    this.#pendingDeletions = { ...this.#pendingDeletions, retired };
  }
}
