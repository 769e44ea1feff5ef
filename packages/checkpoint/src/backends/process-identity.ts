import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies a process, even if a later one gets the same process id. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When it started, in the kernel's unit; undefined if the system does not provide it. */
  readonly started: string | undefined;
}

/** A process's state and start time on Linux; undefined on other systems. Source: proc(5). */
const statOf = (
  pid: number,
): { state: string | undefined; started: string | undefined } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields 3 and 22. Counting starts after the command's name, which may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch {
    return undefined;
  }
};

export const thisProcess = (): ProcessIdentity => ({
  host: hostname(),
  pid: process.pid,
  started: statOf(process.pid)?.started,
});

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** True if a process is running; undefined if it runs on another host and cannot be checked. */
export const isRunning = ({ host, pid, started }: ProcessIdentity): boolean | undefined => {
  if (host !== hostname()) return undefined;
  if (!exists(pid)) return false;
  const current = statOf(pid);
  if (current === undefined) return true;
  // Z: a zombie, which has ended but has not been reaped by its parent.
  return current.state !== 'Z' && (started === undefined || started === current.started);
};

/** The fields of a lock's JSON; no fields if it is not valid. */
export const parseLockFields = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};

/** The process that a lock's fields name; undefined if they name none. */
export const identityFrom = ({
  host,
  pid,
  started,
}: Readonly<Record<string, unknown>>): ProcessIdentity | undefined => {
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || typeof host !== 'string')
    return undefined;
  return { pid, host, started: typeof started === 'string' ? started : undefined };
};
