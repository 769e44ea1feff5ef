import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The search's view of the machine, which tests replace. */
export interface Machine {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** As `process.arch` names it. */
  readonly arch: string;
  /** The directory of an npm package that the application or this package can import. */
  packageDirectory(name: string): string | undefined;
  /** The system's directories for libraries. */
  readonly libraryDirectories: readonly string[];
  /**
   * Runs a program until it exits.
   *
   * @returns its standard output
   * @throws Error if it fails or takes too long
   */
  run(program: string, args: readonly string[]): Promise<string>;
}

const libraryDirectories: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/usr/local/lib', '/usr/lib', '/usr/lib64', '/home/linuxbrew/.linuxbrew/lib'],
  darwin: ['/opt/homebrew/lib', '/usr/local/lib', '/usr/lib'],
};

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** Runs programs and kills those that exceed the time limit. */
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
          else reject(new Error(lastLine(stderr) || `it exited with ${error.code}`));
        },
      );
    });

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';

/** @param importers absolute paths of files; the first that can import the package decides */
const packageDirectory = (name: string, importers: readonly string[]): string | undefined => {
  for (const importer of importers) {
    try {
      return dirname(createRequire(importer).resolve(`${name}/package.json`));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return undefined;
};

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
