import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isRunning, type ProcessIdentity, thisProcess } from '../backends/process-identity';

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
