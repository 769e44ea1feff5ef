import { execFile } from 'node:child_process';

/** Runs a program; gives its standard output, or undefined when it is missing, fails, or takes over 10 seconds. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<string | undefined>;

export const runProgram: RunProgram = (program, args) =>
  new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: 10_000, killSignal: 'SIGKILL', maxBuffer: 1 << 24 },
      (error, stdout) => resolve(error === null ? stdout : undefined),
    );
  });
