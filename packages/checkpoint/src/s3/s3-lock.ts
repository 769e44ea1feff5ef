import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { WriteLock } from '../backends/checkpoint-backend';
import { LOCK_NAME } from '../backends/directory-lock';
import { isRunning, type ProcessIdentity, thisProcess } from '../backends/process-identity';
import { SharedLock } from '../backends/shared-lock';
import { DirectoryLockedError } from '../errors';
import type { PutCondition, S3Objects, StoredObject } from './s3-objects';

/** How the lock behaves. */
export interface S3LockOptions {
  /** A holder that was silent for this long counts as gone, in milliseconds. */
  readonly leaseMs: number;
  /** Whether writes carry conditions. */
  readonly conditional: boolean;
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number;
}

/** Two that want a stale lock may meet more than once, but one of them wins each time. */
const ATTEMPTS = 10;

const nobody = { pid: 0, host: 'unknown' };

interface Lease {
  readonly holder: LockHolder;
  readonly heartbeat: NodeJS.Timeout;
  /** When the last renewal that worked was sent. */
  renewedAt: number;
  /** Who has the lock by now, once that is known to be another one. */
  lostTo: LockHolder | typeof nobody | undefined;
  renewing: Promise<void> | undefined;
}

/**
 * The right to write under a prefix: an object that names its holder, and that the holder writes again and
 * again for as long as it lives. S3 has no sessions that end with a process.
 *
 * Every write of it asks for the object that was read before it (`If-Match`), or for none (`If-None-Match`),
 * and is read back: a store without conditional writes keeps two writers apart unless they start within the
 * same moment.
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

  /** Becomes one of this process's holders. @throws DirectoryLockedError */
  async lock(): Promise<WriteLock> {
    const lock = await this.#shared.lock();
    return {
      run: (task) =>
        lock.run(async (others) => {
          await this.assertHeld();
          return task(others);
        }),
      release: () => lock.release(),
    };
  }

  /**
   * Makes sure that the lock, if this process took it, still is its own: a process that was stopped for
   * longer than the lease may have lost it.
   *
   * @throws DirectoryLockedError
   */
  async assertHeld(): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined) return;
    const { now, leaseMs } = this.#options;
    if (lease.lostTo === undefined && now() - lease.renewedAt > leaseMs / 2)
      await this.#renew(lease);
    if (lease.lostTo !== undefined) throw this.#locked(lease.lostTo);
  }

  async #take(): Promise<() => Promise<void>> {
    const { now, leaseMs } = this.#options;
    const holder = newHolder();
    let renewedAt = now();
    let found = await this.#read();
    for (let attempt = 0; found?.holder?.token !== holder.token; attempt++) {
      if (attempt === ATTEMPTS || (found !== undefined && !this.#isStale(found)))
        throw this.#locked(found?.holder ?? nobody);
      renewedAt = now();
      await this.#write(holder, found);
      found = await this.#read();
    }
    const heartbeat = setInterval(() => {
      // What a renewal meets is met again before the next write.
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
    const found = await this.#read();
    const isOwn = found?.holder?.token === lease.holder.token;
    if (isOwn && (await this.#write(lease.holder, found))) {
      lease.renewedAt = sentAt;
      return;
    }
    // An answer that got lost makes the SDK write twice, and the second one is refused.
    const after = await this.#read();
    if (after?.holder?.token === lease.holder.token) {
      lease.renewedAt = sentAt;
    } else {
      lease.lostTo = after?.holder ?? nobody;
      clearInterval(lease.heartbeat);
    }
  }

  async #release(lease: Lease): Promise<void> {
    clearInterval(lease.heartbeat);
    await lease.renewing?.catch(() => undefined);
    this.#lease = undefined;
    const found = await this.#read();
    if (found?.holder?.token === lease.holder.token) await this.#objects.delete(LOCK_NAME);
  }

  async #read(): Promise<(StoredObject & { readonly holder: LockHolder | undefined }) | undefined> {
    const found = await this.#objects.get(LOCK_NAME);
    return found && { ...found, holder: parseHolder(found.bytes) };
  }

  #write(holder: LockHolder, before: StoredObject | undefined): Promise<boolean> {
    // Another text each time: an ETag may be of the text alone, and who found it stale must see a renewal.
    const bytes = Buffer.from(JSON.stringify({ ...holder, renewal: randomUUID() }));
    const { etag } = before ?? {};
    const seen: PutCondition | undefined =
      before === undefined ? 'absent' : etag === undefined ? undefined : { etag };
    return this.#objects.put(LOCK_NAME, bytes, this.#options.conditional ? seen : undefined);
  }

  #isStale({ holder, ageMs }: { holder: LockHolder | undefined; ageMs: number | undefined }) {
    if (holder !== undefined && isGone(holder)) return true;
    return ageMs !== undefined && ageMs > this.#options.leaseMs;
  }

  #locked(holder: { readonly pid: number; readonly host: string }): DirectoryLockedError {
    const { bucket, prefix } = this.#objects;
    const directory = `s3://${bucket}/${prefix}`;
    return new DirectoryLockedError(directory, holder, `${directory}${LOCK_NAME}`);
  }
}

/** What a lock object says of who holds it. */
export interface LockHolder extends ProcessIdentity {
  /** Tells machines of one host name apart; undefined where the system does not tell. */
  readonly boot: string | undefined;
  /** Tells the holders of one process apart. */
  readonly token: string;
}

const thisBoot = (): string | undefined => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
};

export const newHolder = (): LockHolder => ({
  ...thisProcess(),
  boot: thisBoot(),
  token: randomUUID(),
});

const textOr = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** undefined for bytes that are none of ours. */
export const parseHolder = (bytes: Uint8Array): LockHolder | undefined => {
  try {
    const { pid, host, started, boot, token } = JSON.parse(Buffer.from(bytes).toString());
    if (!Number.isSafeInteger(pid) || typeof host !== 'string' || typeof token !== 'string')
      return undefined;
    return { pid, host, started: textOr(started), boot: textOr(boot), token };
  } catch {
    return undefined;
  }
};

/** Whether a holder is known to be gone: only its own machine can tell. */
export const isGone = (holder: LockHolder): boolean =>
  holder.boot !== undefined && holder.boot === thisBoot() && isRunning(holder) === false;
