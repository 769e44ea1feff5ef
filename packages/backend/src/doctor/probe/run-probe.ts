import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ProbeEnd, ProbeMessage } from './probe-message';

/** What to probe: a backend by its name, or a library by its path. */
export type ProbeTask = readonly ['backend', string] | readonly ['library', string];

/** Where a probe runs, and how long. */
export interface ProbeSettings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeLimitMs: number;
  /** The program to run; this package's own when left out. */
  readonly program?: string;
}

/** Everything that a probing process told, and how it ended. */
export interface ProbeResult extends ProbeEnd {
  readonly messages: readonly ProbeMessage[];
}

/** The built file, found by the package's name, so that sources find it too. */
const ownProgram = (): string =>
  join(
    dirname(createRequire(import.meta.url).resolve('@elistimator/backend/package.json')),
    'dist',
    'doctor-probe.js',
  );

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';

const problemOf = (
  code: number | null,
  signal: string | null,
  timedOut: boolean,
  { timeLimitMs }: ProbeSettings,
  errors: string,
): ProbeEnd => {
  if (timedOut) return { problem: `it was not done after ${timeLimitMs / 1000} s` };
  if (code === 0) return {};
  const how = signal === null ? `its process ended with ${code}` : `its process died of ${signal}`;
  const line = lastLine(errors);
  return { problem: line === '' ? how : `${how}: ${line}` };
};

/**
 * Probes in a process of its own, so that a native library that crashes or hangs harms nobody else.
 *
 * @returns what it told and how it ended; never rejects for what happens in there
 */
export const runProbe = (task: ProbeTask, settings: ProbeSettings): Promise<ProbeResult> =>
  new Promise((resolve) => {
    const { cwd, env, timeLimitMs, program = ownProgram() } = settings;
    const messages: ProbeMessage[] = [];
    let errors = '';
    let timedOut = false;
    const child = fork(program, [...task], {
      cwd,
      env,
      // What this process was started with, such as a loader or a debugger's port, is not for the child.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeLimitMs);
    const end = (result: ProbeEnd): void => {
      clearTimeout(timer);
      resolve({ messages, ...result });
    };
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk).slice(-4000);
    });
    child.on('message', (message) => messages.push(message as ProbeMessage));
    child.on('error', ({ message }) => end({ problem: message }));
    child.on('close', (code, signal) => end(problemOf(code, signal, timedOut, settings, errors)));
  });
