import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageDirectory } from './package-directory';

/** What the search sees of the machine, so that a test can show it another one. */
export interface Machine {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** As `process.arch` names it. */
  readonly arch: string;
  /** The directory of an npm package that the application has, or this package. */
  packageDirectory(name: string): string | undefined;
  /** Directories where systems keep libraries. */
  readonly libraryDirectories: readonly string[];
  /**
   * Runs a program to its end.
   *
   * @returns its standard output
   * @throws Error whose message says why there is none: it failed, or it took too long.
   */
  run(program: string, args: readonly string[]): Promise<string>;
}

const libraryDirectories: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/usr/local/lib', '/usr/lib', '/usr/lib64', '/home/linuxbrew/.linuxbrew/lib'],
  darwin: ['/opt/homebrew/lib', '/usr/local/lib', '/usr/lib'],
};

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** Runs programs with a time limit, after which they are killed. */
const runner =
  (env: NodeJS.ProcessEnv, cwd: string, timeoutMs: number): Machine['run'] =>
  (program, args) =>
    new Promise((resolve, reject) => {
      execFile(
        program,
        args,
        { env, cwd, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 24 },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else if (error.killed) reject(new Error(`no answer within ${timeoutMs / 1000} s`));
          else reject(new Error(lastLine(stderr) || `it ended with ${error.code}`));
        },
      );
    });

/** The machine that this process runs on. */
export const thisMachine = (
  env: NodeJS.ProcessEnv,
  cwd: string,
  interpreterTimeoutMs: number,
): Machine => ({
  env,
  cwd,
  home: env.HOME ?? homedir(),
  platform: process.platform,
  arch: process.arch,
  packageDirectory: (name) =>
    packageDirectory(name, [join(cwd, 'package.json'), fileURLToPath(import.meta.url)]),
  libraryDirectories: libraryDirectories[process.platform] ?? [],
  run: runner(env, cwd, interpreterTimeoutMs),
});
