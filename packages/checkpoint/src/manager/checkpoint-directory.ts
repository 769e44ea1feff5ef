import type { WriteLock } from '../backends';
import { writeCheckpoint } from '../bundle';
import { DirectoryLockedError } from '../errors';
import { staleAttachments } from './attachments';
import { blobsOf, groupBundles } from './bundle-files';
import { formatCheckpointState, STATE_NAME } from './checkpoint-state';
import { takeInventory } from './inventory';
import { leftoversOf } from './leftovers';
import type { ManagerSettings } from './manager-options';
import {
  type CheckpointMetadata,
  type CheckpointRecord,
  formatMetadata,
  METADATA_NAME,
} from './metadata';
import { withSaved } from './retention';
import type { CheckpointSnapshot } from './snapshot';
import { toCheckpoint } from './variable-list';

/** Where a backend has no lock, there is one writer by agreement. */
const unlocked: WriteLock = { run: (task) => task(false), release: async () => {} };

const nothing: CheckpointMetadata = {
  startedAt: Number.POSITIVE_INFINITY,
  records: [],
  retired: [],
  state: undefined,
};

/** The blobs of one training run, and what is known of them: every change to them is made here, in its order. */
export class CheckpointDirectory {
  readonly #settings: ManagerSettings;
  #known = nothing;
  /** Prefixes that the policy dropped and whose blobs are still to be deleted. */
  #pending: readonly string[] = [];
  #lock: WriteLock | undefined;
  #entered = false;

  constructor(settings: ManagerSettings) {
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
   * Runs a task that writes. Before the first one it takes the lock, deletes leftovers and looks at what others
   * did before; it looks again when another manager of this process wrote in between.
   */
  async write<T>(task: () => Promise<T>): Promise<T> {
    this.#lock ??= (await this.#settings.backend.lock?.()) ?? unlocked;
    try {
      return await this.#lock.run(async (others) => {
        if (!this.#entered || others) {
          this.#entered = false;
          await this.#enter();
          this.#entered = true;
        }
        return task();
      });
    } catch (error) {
      // A lock that can be lost was lost: the next write takes it again, and looks at what was done meanwhile.
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
    await lock?.release();
  }

  /** Writes what is known, and only then knows it. */
  async record({ startedAt, records, retired, state }: CheckpointMetadata): Promise<void> {
    const metadata = { startedAt, records, retired, state };
    await this.#settings.backend.write(METADATA_NAME, Buffer.from(formatMetadata(metadata)));
    this.#known = metadata;
  }

  /** Saves a checkpoint: data, index, attachments, metadata, state; then deletes what the policy dropped. */
  async save(saved: CheckpointRecord, snapshot: CheckpointSnapshot, state: unknown): Promise<void> {
    const { backend, naming, keep } = this.#settings;
    const known = this.#known;
    const next = withSaved({ ...known, retired: this.#pending, state }, saved, keep, naming);
    if (known.retired.includes(saved.prefix)) {
      // A retired prefix is not listed: were it used before that is undone, a kill would lose the save.
      await this.record({ ...known, retired: this.#pending });
    }
    const before = known.records.find(({ prefix }) => prefix === saved.prefix);
    await this.#writeFiles(saved.prefix, snapshot, before !== undefined);
    await this.record(next);
    this.#pending = next.retired;
    await this.#writeState();
    for (const name of staleAttachments(before, saved)) await backend.delete(name);
    await this.#prune(known.records);
  }

  async #load() {
    const { backend, naming, clock } = this.#settings;
    const inventory = await takeInventory(backend, naming, clock());
    const startedAt = Math.min(inventory.startedAt, this.#known.startedAt);
    const { records, retired, state } = inventory;
    this.#known = { startedAt, records, retired, state };
    return inventory;
  }

  async #enter(): Promise<void> {
    const { backend, naming } = this.#settings;
    await backend.clean?.({ exclusive: true });
    const inventory = await this.#load();
    for (const name of await leftoversOf(backend, naming, inventory)) await backend.delete(name);
    this.#pending = [];
  }

  async #writeFiles(
    prefix: string,
    snapshot: CheckpointSnapshot,
    replacing: boolean,
  ): Promise<void> {
    const { backend, shards, varList } = this.#settings;
    const attachments = Object.entries(snapshot.attachments ?? {});
    await writeCheckpoint(prefix, toCheckpoint(varList, snapshot.tensors), { backend, shards });
    try {
      for (const [suffix, bytes] of attachments) await backend.write(`${prefix}${suffix}`, bytes);
    } catch (error) {
      // Nothing knows of it yet, and it takes room. That it stays must not hide the first failure.
      const suffixes = attachments.map(([suffix]) => suffix);
      if (!replacing) await this.#remove(prefix, suffixes).catch(() => undefined);
      throw error;
    }
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

  /** Deletes what the policy dropped. What cannot go stays pending, and the next save tries again. */
  async #prune(before: readonly CheckpointRecord[]): Promise<void> {
    const suffixes = new Set(before.flatMap(({ attachments }) => Object.keys(attachments)));
    for (const prefix of this.#pending) {
      await this.#remove(prefix, suffixes.add('.meta'));
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
