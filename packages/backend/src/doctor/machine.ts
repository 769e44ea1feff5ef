import { execFile } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import type { CudaFacts, CudaLibrary, DiskFacts, PlatformFacts } from './report';

export const minimumNode = '20.19.0';

/** Compares two versions by their three numbers. */
export const isAtLeast = (version: string, minimum: string): boolean => {
  const parts = version.split('.').map(Number);
  for (const [index, minimumPart] of minimum.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0;
    if (part !== minimumPart) return part > minimumPart;
  }
  return true;
};

/** The part of Node's diagnostic report that describes the C library. */
interface DiagnosticReport {
  readonly header?: { readonly glibcVersionRuntime?: string };
}

const detectLibc = (): string | undefined => {
  if (process.platform !== 'linux') return undefined;
  const { header }: DiagnosticReport = process.report.getReport();
  const version = header?.glibcVersionRuntime;
  return version === undefined ? 'musl' : `glibc ${version}`;
};

export const platformFacts = (): PlatformFacts => {
  const libc = detectLibc();
  return {
    node: process.versions.node,
    nodeSupported: isAtLeast(process.versions.node, minimumNode),
    platform: process.platform,
    arch: process.arch,
    ...(libc === undefined ? {} : { libc }),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
  };
};

const freeBytes = async (directory: string): Promise<number> => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};

/** Measures free space where models and logs are stored by default. */
export const diskFacts = (cwd: string): Promise<DiskFacts[]> =>
  Promise.all(
    (
      [
        ['working directory', cwd],
        ['temporary files', tmpdir()],
      ] as const
    ).map(async ([use, directory]) => ({ use, directory, freeBytes: await freeBytes(directory) })),
  );

/**
 * Runs a program and returns its standard output, or undefined if it is missing, fails, or takes
 * over 10 seconds.
 */
type RunProgram = (program: string, args: readonly string[]) => Promise<string | undefined>;

const runProgram: RunProgram = (program, args) =>
  new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: 10_000, killSignal: 'SIGKILL', maxBuffer: 1 << 24 },
      (error, stdout) => resolve(error === null ? stdout : undefined),
    );
  });

/** Libraries that TensorFlow needs to use a GPU. */
const cudaLibraryNames = ['libcudart', 'libcudnn', 'libcublas'] as const;

interface CudaSearch {
  readonly env: NodeJS.ProcessEnv;
  /** The libtensorflow in use, if any: pip installs CUDA's libraries next to its package. */
  readonly libtensorflow?: string | undefined;
  /** Parent of the directories in which NVIDIA's packages install CUDA. Default: `/usr/local`. */
  readonly installDirectory?: string;
  readonly run?: RunProgram;
}

const list = (directory: string): string[] => {
  try {
    return readdirSync(directory)
      .sort()
      .map((name) => join(directory, name));
  } catch {
    return [];
  }
};

/** Matches `libcudnn.so.9`, but not `libcudnn_ops.so.9`. */
const isLibrary = (name: string, file: string): boolean => basename(file).startsWith(`${name}.so`);

/** Parses the output of `ldconfig -p`: lines of `name (kind) => path`. */
const cachedFiles = (cache = ''): string[] =>
  cache.split('\n').flatMap((line) => line.split(' => ').slice(1));

const resolveLinks = (file: string): string => {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
};

const librariesAmong = (files: readonly string[]): CudaLibrary[] =>
  cudaLibraryNames.map((name) => ({
    name,
    files: [...new Set(files.filter((file) => isLibrary(name, file)).map(resolveLinks))],
  }));

/** Parses the output of `nvidia-smi`: a line per GPU, with its name and the driver's version. */
const parseDriver = (output = ''): CudaFacts['driver'] => {
  const rows = output
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => line.split(',').map((cell) => cell.trim()));
  const version = rows[0]?.[1];
  return version === undefined ? undefined : { version, gpus: rows.map(([name = '']) => name) };
};

/** Searches for the driver of NVIDIA GPUs and for the CUDA libraries that TensorFlow opens. */
export const cudaFacts = async ({
  env,
  libtensorflow,
  installDirectory = '/usr/local',
  run = runProgram,
}: CudaSearch): Promise<CudaFacts> => {
  const pipPackages =
    libtensorflow === undefined ? [] : list(join(dirname(dirname(libtensorflow)), 'nvidia'));
  const directories = [
    ...pipPackages.map((directory) => join(directory, 'lib')),
    ...(env.LD_LIBRARY_PATH ?? '').split(delimiter).filter(Boolean),
    ...list(installDirectory)
      .filter((directory) => basename(directory).startsWith('cuda'))
      .flatMap((directory) => [join(directory, 'lib64'), join(directory, 'lib')]),
  ];
  const cached = cachedFiles(
    (await run('ldconfig', ['-p'])) ?? (await run('/sbin/ldconfig', ['-p'])),
  );
  const driver = parseDriver(
    await run('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']),
  );
  return {
    ...(driver === undefined ? {} : { driver }),
    libraries: librariesAmong([...directories.flatMap(list), ...cached]),
  };
};
