import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { DeviceFacts, ProbeModel, TrainingProbe } from '../report';

/** The subject of a probe: a backend by name, or a library by path. */
export type ProbeTask = readonly ['backend', string] | readonly ['library', string];

/**
 * A message from a probe process. Sent as soon as it is known, so that it survives a later crash.
 */
export type ProbeMessage =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'started'; readonly version?: string; readonly gpu: boolean }
  | { readonly kind: 'kernels'; readonly missing: readonly string[] }
  | { readonly kind: 'training'; readonly model: ProbeModel }
  | { readonly kind: 'trained'; readonly probe: TrainingProbe }
  | { readonly kind: 'failed'; readonly model: ProbeModel; readonly reason: string }
  | {
      readonly kind: 'library';
      readonly version: string;
      readonly devices: readonly DeviceFacts[];
    };

export interface ProbeSettings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeLimitMs: number;
  /** The program to run. Default: the probe of this package. */
  readonly program?: string;
}

/** The messages of a probe process, and why it failed, if it did. */
export interface ProbeResult {
  readonly messages: readonly ProbeMessage[];
  readonly problem?: string;
}

/**
 * Finds the built program by the package's name, which also works when this file runs from source.
 */
const defaultProgram = (): string =>
  join(
    dirname(createRequire(import.meta.url).resolve('@elistimator/backend/package.json')),
    'dist',
    'doctor-probe.js',
  );

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';

const exitProblem = (
  code: number | null,
  signal: string | null,
  stderr: string,
): string | undefined => {
  if (code === 0) return undefined;
  const exit =
    signal === null
      ? `its process exited with code ${code}`
      : `its process was killed by ${signal}`;
  const line = lastLine(stderr);
  return line === '' ? exit : `${exit}: ${line}`;
};

/**
 * Runs a probe in a separate process, so that a native library that crashes or hangs affects
 * nothing else.
 *
 * @returns its messages and how it ended; never rejects because of the probe
 */
export const runProbe = (task: ProbeTask, settings: ProbeSettings): Promise<ProbeResult> =>
  new Promise((resolve) => {
    const { cwd, env, timeLimitMs, program = defaultProgram() } = settings;
    const messages: ProbeMessage[] = [];
    let stderr = '';
    let timedOut = false;
    const child = fork(program, [...task], {
      cwd,
      env,
      // Don't inherit options of this process, such as a loader or a debugger's port.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeLimitMs);
    const finish = (problem: string | undefined): void => {
      clearTimeout(timer);
      resolve(problem === undefined ? { messages } : { messages, problem });
    };
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk).slice(-4000);
    });
    child.on('message', (message) => messages.push(message as ProbeMessage));
    child.on('error', ({ message }) => finish(message));
    child.on('close', (code, signal) =>
      finish(
        timedOut
          ? `it did not finish within ${timeLimitMs / 1000} s`
          : exitProblem(code, signal, stderr),
      ),
    );
  });
