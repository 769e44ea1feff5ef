import { readdirSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { CudaFacts, CudaLibrary } from '../doctor-report';
import { type RunProgram, runProgram } from './run-program';

/** Without these TensorFlow uses no GPU. */
const names = ['libcudart', 'libcudnn', 'libcublas'] as const;

/** What the search depends on. */
export interface CudaSearch {
  readonly env: NodeJS.ProcessEnv;
  /** The libtensorflow in use, if there is one: pip puts CUDA's libraries beside its module. */
  readonly libtensorflow?: string | undefined;
  /** Where CUDA is installed by NVIDIA's own packages. */
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

/** `libcudnn.so.9`, but not `libcudnn_ops.so.9`. */
const isLibrary = (name: string, file: string): boolean => basename(file).startsWith(`${name}.so`);

/** Lines of `name (kind) => path`. */
const cachedFiles = (cache = ''): string[] =>
  cache.split('\n').flatMap((line) => line.split(' => ').slice(1));

const real = (file: string): string => {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
};

const librariesAmong = (files: readonly string[]): CudaLibrary[] =>
  names.map((name) => ({
    name,
    files: [...new Set(files.filter((file) => isLibrary(name, file)).map(real))],
  }));

/** `nvidia-smi` prints a line for each GPU: its name and the driver's version. */
const driverOf = (output = ''): CudaFacts['driver'] => {
  const rows = output
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => line.split(',').map((cell) => cell.trim()));
  const version = rows[0]?.[1];
  return version === undefined ? undefined : { version, gpus: rows.map(([name = '']) => name) };
};

/** Looks for the driver of NVIDIA GPUs and for the CUDA libraries that TensorFlow opens. */
export const cudaFacts = async ({
  env,
  libtensorflow,
  installDirectory = '/usr/local',
  run = runProgram,
}: CudaSearch): Promise<CudaFacts> => {
  const pip =
    libtensorflow === undefined ? [] : list(join(dirname(dirname(libtensorflow)), 'nvidia'));
  const directories = [
    ...pip.map((part) => join(part, 'lib')),
    ...(env.LD_LIBRARY_PATH ?? '').split(delimiter).filter(Boolean),
    ...list(installDirectory)
      .filter((directory) => basename(directory).startsWith('cuda'))
      .flatMap((directory) => [join(directory, 'lib64'), join(directory, 'lib')]),
  ];
  const cached = cachedFiles(
    (await run('ldconfig', ['-p'])) ?? (await run('/sbin/ldconfig', ['-p'])),
  );
  const driver = driverOf(
    await run('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']),
  );
  return {
    ...(driver === undefined ? {} : { driver }),
    libraries: librariesAmong([...directories.flatMap(list), ...cached]),
  };
};
