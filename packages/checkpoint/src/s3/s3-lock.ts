import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { WriteLock } from '../backends/checkpoint-backend';
import { LOCK_NAME } from '../backends/directory-lock';
import {
  identityFrom,
  isRunning,
  type ProcessIdentity,
  parseLockFields,
  thisProcess,
} from '../backends/process-identity';
import { type Release, SharedLock } from '../backends/shared-lock';
import { DirectoryLockedError } from '../errors';
import type { PutCondition, S3Objects, StoredObject } from './s3-objects';

/** The holder that a lock object names. */
export interface LockHolder extends ProcessIdentity {
  /** Distinguishes machines with the same host name; undefined if the system does not provide it. */
  readonly boot: string | undefined;
  /** Distinguishes the holders of one process. */
  readonly token: string;
}

const bootId = (): string | undefined => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
};

export const createHolder = (): LockHolder => ({
  ...thisProcess(),
  boot: bootId(),
  token: randomUUID(),
});

/** Undefined for an object that this package did not write. */
const parseHolder = (bytes: Uint8Array): LockHolder | undefined => {
  const fields = parseLockFields(Buffer.from(bytes).toString());
  const identity = identityFrom(fields);
  const { boot, token } = fields;
  if (identity === undefined || typeof token !== 'string') return undefined;
  return { ...identity, boot: typeof boot === 'string' ? boot : undefined, token };
};

/** True if a holder is known to have ended, which only a process on the same machine can determine. */
const hasEnded = (holder: LockHolder): boolean =>
  holder.boot !== undefined && holder.boot === bootId() && isRunning(holder) === false;

export interface S3LockOptions {
  /** The lock of a holder that has not renewed it for this long is stale, in milliseconds. */
  readonly leaseMs: number;
  /** Uses conditional writes. */
  readonly conditional: boolean;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** Processes that compete for a stale lock may collide more than once, but one of them succeeds each time. */
const ATTEMPTS = 10;

const unknownHolder = { pid: 0, host: 'unknown' };

interface Lease {
  readonly holder: LockHolder;
  readonly heartbeat: NodeJS.Timeout;
  /** When the last successful renewal was sent. */
  renewedAt: number;
  /** The process that has taken the lock over, once that is known. */
  lostTo: LockHolder | typeof unknownHolder | undefined;
  renewing: Promise<void> | undefined;
}

/**
 * The right to write under a prefix: an object that names its holder, which rewrites it periodically for as long as
 * it runs, because S3 has no sessions that end with a process.
 *
 * Each write of the object requires the version that was read before (`If-Match`), or that the object does not exist
 * (`If-None-Match`), and is read back. A store without conditional writes keeps two writers apart unless they start
 * at the same moment.
 */
export class S3Lock {
  readonly #objects: S3Objects;
  readonly #options: S3LockOptions;
  readonly #shared = new SharedLock(() => this.#take());
  #lease: Lease | undefined;

  constructor(objects: S3Objects, options: S3LockOptions) {
    this.#objects = objects;
    this.#options = options;
  }

  /** Adds a holder within this process. @throws DirectoryLockedError */
  async lock(): Promise<WriteLock> {
    const lock = await this.#shared.lock();
    return {
      run: (task) =>
        lock.run(async (othersWrote) => {
          await this.assertHeld();
          return task(othersWrote);
        }),
      release: () => lock.release(),
    };
  }

  /**
   * Asserts that this process still holds the lock, if it took it. A process that was suspended for longer than the
   * lease may have lost it.
   *
   * @throws DirectoryLockedError
   */
  async assertHeld(): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined) return;
    const { now, leaseMs } = this.#options;
    if (lease.lostTo === undefined && now() - lease.renewedAt > leaseMs / 2)
      await this.#renew(lease);
    if (lease.lostTo !== undefined) throw this.#lockedBy(lease.lostTo);
  }

  async #take(): Promise<Release> {
    const { now, leaseMs } = this.#options;
    const holder = createHolder();
    let renewedAt = now();
    let current = await this.#read();
    for (let attempt = 0; current?.holder?.token !== holder.token; attempt++) {
      if (attempt === ATTEMPTS || (current !== undefined && !this.#isStale(current)))
        throw this.#lockedBy(current?.holder ?? unknownHolder);
      renewedAt = now();
      await this.#write(holder, current);
      current = await this.#read();
    }
    const heartbeat = setInterval(() => {
      // assertHeld() renews again before the next write, and reports the error then.
      this.#renew(lease).catch(() => undefined);
    }, leaseMs / 3).unref();
    const lease: Lease = { holder, heartbeat, renewedAt, lostTo: undefined, renewing: undefined };
    this.#lease = lease;
    return () => this.#release(lease);
  }

  #renew(lease: Lease): Promise<void> {
    lease.renewing ??= this.#renewOnce(lease).finally(() => {
      lease.renewing = undefined;
    });
    return lease.renewing;
  }

  async #renewOnce(lease: Lease): Promise<void> {
    const sentAt = this.#options.now();
    const current = await this.#read();
    const isOwn = current?.holder?.token === lease.holder.token;
    if (isOwn && (await this.#write(lease.holder, current))) {
      lease.renewedAt = sentAt;
      return;
    }
    // If a response is lost, the SDK writes again, and the condition of the second write is not met.
    const after = await this.#read();
    if (after?.holder?.token === lease.holder.token) {
      lease.renewedAt = sentAt;
    } else {
      lease.lostTo = after?.holder ?? unknownHolder;
      clearInterval(lease.heartbeat);
    }
  }

  async #release(lease: Lease): Promise<void> {
    clearInterval(lease.heartbeat);
    await lease.renewing?.catch(() => undefined);
    this.#lease = undefined;
    const current = await this.#read();
    if (current?.holder?.token === lease.holder.token) await this.#objects.delete(LOCK_NAME);
  }

  async #read(): Promise<(StoredObject & { readonly holder: LockHolder | undefined }) | undefined> {
    const object = await this.#objects.get(LOCK_NAME);
    return object && { ...object, holder: parseHolder(object.bytes) };
  }

  #write(holder: LockHolder, previous: StoredObject | undefined): Promise<boolean> {
    // A new text each time: the ETag may be a hash of the text, and has to change with each renewal.
    const bytes = Buffer.from(JSON.stringify({ ...holder, renewal: randomUUID() }));
    if (!this.#options.conditional) return this.#objects.put(LOCK_NAME, bytes);
    return this.#objects.put(LOCK_NAME, bytes, conditionFor(previous));
  }

  #isStale({ holder, ageMs }: { holder: LockHolder | undefined; ageMs: number | undefined }) {
    if (holder !== undefined && hasEnded(holder)) return true;
    return ageMs !== undefined && ageMs > this.#options.leaseMs;
  }

  #lockedBy(holder: { readonly pid: number; readonly host: string }): DirectoryLockedError {
    const { bucket, prefix } = this.#objects;
    const directory = `s3://${bucket}/${prefix}`;
    return new DirectoryLockedError(directory, holder, `${directory}${LOCK_NAME}`);
  }
}

const conditionFor = (previous: StoredObject | undefined): PutCondition | undefined => {
  if (previous === undefined) return 'absent';
  return previous.etag === undefined ? undefined : { etag: previous.etag };
};
