import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, told apart from a later one that got the same process id. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When it began, in the kernel's own unit; undefined where the system does not tell. */
  readonly started: string | undefined;
}

/** What Linux says of a process: its state and when it began; undefined elsewhere. */
const statOf = (
  pid: number,
): { state: string | undefined; started: string | undefined } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields 3 and 22, counted behind the command's name, which may hold spaces (proc(5)).
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

const answers = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Whether a process still runs; undefined when it is on another host, which cannot be asked. */
export const isRunning = ({ host, pid, started }: ProcessIdentity): boolean | undefined => {
  if (host !== hostname()) return undefined;
  if (!answers(pid)) return false;
  const now = statOf(pid);
  if (now === undefined) return true;
  // Z: killed already, only its parent has not noticed.
  return now.state !== 'Z' && (started === undefined || started === now.started);
};
