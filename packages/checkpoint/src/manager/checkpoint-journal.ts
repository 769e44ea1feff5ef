import { maskedCrc32c } from '@elistimator/protos';
import type { WriteLock } from '../backends/checkpoint-backend';
import { blobsOf, groupBundles, indexName } from '../bundle/bundle-files';
import { stageCheckpoint } from '../bundle/write-checkpoint';
import { DirectoryLockedError } from '../errors';
import { giveNames, waitingName } from './attachments';
import { formatCheckpointState, STATE_NAME } from './checkpoint-state';
import { counted, withSaved } from './commit';
import type { ManagerSettings } from './manager-options';
import {
  type CheckpointMetadata,
  type CheckpointRecord,
  formatMetadata,
  METADATA_NAME,
} from './metadata';
import { leftoversOf, takeInventory } from './scan';
import type { CheckpointSnapshot } from './snapshot';
import { toCheckpoint } from './variable-list';

/** Where a backend has no lock, there is one writer by agreement. */
const unlocked: WriteLock = { run: (task) => task(false), release: async () => {} };

const nothing: CheckpointMetadata = {
  startedAt: Number.POSITIVE_INFINITY,
  records: [],
  retired: [],
  stale: [],
  state: undefined,
};

/** The blobs of one training run, and what is known of them: every change to them is made here, in its order. */
export class CheckpointDirectory {
  #settings: ManagerSettings;
  #known = nothing;
  /** What the policy dropped and is still to be deleted: prefixes, and blobs of attachments. */
  #pending: Pick<CheckpointMetadata, 'retired' | 'stale'> = { retired: [], stale: [] };
  #lock: WriteLock | undefined;
  /** Whether the lock is held, and the directory was found in order since. */
  #entered = false;
  /** Whether the directory is as this manager left it: no other one wrote, and no write of its own failed. */
  #inOrder = false;

  constructor(settings: ManagerSettings) {
    this.#settings = settings;
  }

  configure(settings: ManagerSettings): void {
    const { naming } = this.#settings;
    const { filename, padStepNumber } = settings.naming;
    // Which blobs are leftovers depends on the naming.
    if (filename !== naming.filename || padStepNumber !== naming.padStepNumber)
      this.#inOrder = false;
    this.#settings = settings;
  }

  /** What was read or written last. */
  get known(): CheckpointMetadata {
    return this.#known;
  }

  /** Looks at what is there, and removes what processes that are gone were writing. */
  async open(): Promise<void> {
    // A directory that may only be read, or leftovers that cannot go, are no obstacle to reading.
    await this.#settings.backend.clean?.({ exclusive: false }).catch(() => undefined);
    await this.#load();
  }

  /**
   * Runs a task that writes. Before the first one it takes the lock and puts the directory in order; it does so
   * again when another manager of this process wrote in between, or a write failed.
   */
  async write<T>(task: () => Promise<T>): Promise<T> {
    this.#lock ??= (await this.#settings.backend.lock?.()) ?? unlocked;
    try {
      return await this.#lock.run(async (others) => {
        if (others || !this.#inOrder) await this.#putInOrder();
        this.#entered = true;
        return task();
      });
    } catch (error) {
      // A lock that can be lost was lost: the next write takes it again.
      if (error instanceof DirectoryLockedError) this.#entered = false;
      throw error;
    } finally {
      // Who could not even look at the directory must not keep others from it.
      if (!this.#entered) await this.release();
    }
  }

  /** Lets go of the lock; the next write takes it again. */
  async release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    this.#entered = false;
    this.#inOrder = false;
    await lock?.release();
  }

  /** Writes what is known, and only then knows it. */
  async record(metadata: CheckpointMetadata): Promise<void> {
    await this.#settings.backend.write(METADATA_NAME, Buffer.from(formatMetadata(metadata)));
    this.#known = metadata;
  }

  /**
   * Saves a checkpoint: data, what it is going to be, attachments; then the index, with which it counts. What
   * remains is only putting in order, and whoever writes next does it when this process is killed.
   */
  async save(
    record: CheckpointRecord,
    snapshot: CheckpointSnapshot,
    state: unknown,
  ): Promise<void> {
    try {
      await this.#save(record, snapshot, state);
    } catch (error) {
      this.#inOrder = false;
      // Room is made at once. If that fails too, the next write begins with it.
      if (!(error instanceof DirectoryLockedError)) await this.#putInOrder().catch(() => undefined);
      throw error;
    }
  }

  async #save(
    record: CheckpointRecord,
    { tensors, attachments = {} }: CheckpointSnapshot,
    state: unknown,
  ): Promise<void> {
    const { backend, shards, varList } = this.#settings;
    const { prefix } = record;
    // A retired prefix is used again: what is left of the old checkpoint must not pass for the new one.
    if (this.#pending.retired.includes(prefix)) await this.#drop(prefix);
    const variables = toCheckpoint(varList, tensors);
    const staged = await stageCheckpoint({ backend, prefix }, variables, shards);
    const saving = { record, index: maskedCrc32c(staged.index), state };
    await this.record({ ...this.#known, ...this.#pending, saving });
    const nameTaken = (await backend.size(indexName(prefix))) !== undefined;
    for (const [suffix, bytes] of Object.entries(attachments)) {
      await backend.write(nameTaken ? waitingName(prefix, suffix) : `${prefix}${suffix}`, bytes);
    }
    await staged.commit();
    this.#known = counted(this.#known, saving);
    await this.#complete(record);
    await staged.settle();
  }

  /** Completes a save that counts: gives attachments their names, and lets the policy decide. */
  async #complete(record: CheckpointRecord): Promise<void> {
    const { backend, naming, keep } = this.#settings;
    const waited = await giveNames(backend, record);
    await this.record(withSaved(this.#known, record, keep, naming));
    const { retired, stale } = this.#known;
    this.#pending = { retired, stale };
    await this.#writeState();
    for (const prefix of retired) await this.#drop(prefix);
    for (const name of [...waited, ...stale]) await backend.delete(name);
    this.#pending = { retired: [], stale: [] };
  }

  async #load() {
    const { backend, naming, clock } = this.#settings;
    const inventory = await takeInventory(backend, naming, clock());
    const startedAt = Math.min(inventory.startedAt, this.#known.startedAt);
    const { records, retired, stale, state } = inventory;
    this.#known = { startedAt, records, retired, stale, state };
    return inventory;
  }

  /** Looks at the directory again, completes the save that counts, and deletes the leftovers of all others. */
  async #putInOrder(): Promise<void> {
    const { backend, naming } = this.#settings;
    this.#inOrder = false;
    await backend.clean?.({ exclusive: true });
    let inventory = await this.#load();
    if (inventory.saving !== undefined && inventory.incomplete) {
      await this.#complete(inventory.saving.record);
      inventory = await this.#load();
    }
    for (const name of await leftoversOf(backend, naming, inventory)) await backend.delete(name);
    this.#pending = { retired: [], stale: [] };
    this.#inOrder = true;
  }

  async #writeState(): Promise<void> {
    const { backend, saveRelativePaths } = this.#settings;
    const { records, startedAt } = this.#known;
    const all = records.map(({ prefix }) => (saveRelativePaths ? prefix : backend.resolve(prefix)));
    const text = formatCheckpointState({
      latest: all.at(-1) ?? '',
      all,
      timestamps: records.map(({ savedAt }) => savedAt / 1000),
      lastPreserved: startedAt / 1000,
    });
    await backend.write(STATE_NAME, Buffer.from(text));
  }

  /** Deletes a retired checkpoint, its index first: without it the rest is none. */
  async #drop(prefix: string): Promise<void> {
    const { backend } = this.#settings;
    const files = groupBundles(await backend.list(`${prefix}.`)).get(prefix);
    const names = files === undefined ? [] : blobsOf(prefix, files);
    for (const name of names) await backend.delete(name);
    const retired = this.#pending.retired.filter((one) => one !== prefix);
    this.#pending = { ...this.#pending, retired };
  }
}
