import type { Explanation } from '@elistimator/internal';
import { assertKnownKeys } from '@elistimator/internal';
import { BackendOptionError } from './errors';
import type { BackendName } from './report';

/** Options of a TensorFlow that runs on a GPU. */
export interface GpuOptions {
  /**
   * Fraction of the GPU's memory to allocate: greater than 0, at most 1. Default: TensorFlow's own.
   */
  readonly memoryFraction?: number;
  /** Allocate memory as it is needed instead of all at the start. Default: false. */
  readonly allowGrowth?: boolean;
  /** Indices of the GPUs to use, from 0. An empty list hides every GPU. Default: all. */
  readonly visibleDevices?: readonly number[];
}

/** A backend, or `auto` for the fastest that starts. */
export type BackendChoice = 'auto' | BackendName;

/** Options of `useBackend()`. */
export interface BackendOptions {
  /** Default: `auto`. */
  readonly backend?: BackendChoice;
  /** Under `auto` these apply only if there is a GPU. */
  readonly gpu?: GpuOptions;
  /**
   * Number of threads that one kernel may use, and number of kernels that may run at a time: an
   * integer from 1 to 1024. Default: the number of cores, except on wasm and cpu, which have one
   * thread.
   */
  readonly threads?: number;
  /** Require bit-identical results in repeated runs, even if kernels are slower. Default: false. */
  readonly deterministic?: boolean;
  /**
   * Path of libtensorflow: the file, its directory, or a Python environment with TensorFlow.
   * Default: the environment variable `ELISTIMATOR_LIBTENSORFLOW`, then the usual install
   * locations.
   */
  readonly libtensorflow?: string;
}

/** The path of an option that only some backends support. */
export type OptionPath =
  | 'gpu.memoryFraction'
  | 'gpu.allowGrowth'
  | 'gpu.visibleDevices'
  | 'threads'
  | 'deterministic'
  | 'libtensorflow';

/** More than any machine has cores. TensorFlow would start that many threads. */
const MAX_THREADS = 1024;

const choices: readonly string[] = [
  'auto',
  'tfjs-node-gpu',
  'tfjs-node',
  'libtensorflow',
  'wasm',
  'cpu',
];

const show = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'object' ? JSON.stringify(value) : String(value);

const optionError = (explanation: Explanation): Error => new BackendOptionError(explanation);

const assertOption = (
  holds: boolean,
  path: 'backend' | OptionPath,
  expected: string,
  value: unknown,
  fix: string,
): void => {
  if (holds) return;
  throw optionError({
    subject: `backend option "${path}"`,
    expected,
    actual: show(value),
    fix,
  });
};

const assertGpuOptions = (gpu: GpuOptions): void => {
  assertKnownKeys(
    'useBackend({ gpu })',
    gpu,
    { memoryFraction: true, allowGrowth: true, visibleDevices: true },
    optionError,
  );
  const { memoryFraction, allowGrowth, visibleDevices } = gpu;
  assertOption(
    memoryFraction === undefined ||
      (typeof memoryFraction === 'number' && memoryFraction > 0 && memoryFraction <= 1),
    'gpu.memoryFraction',
    'a number greater than 0 and at most 1',
    memoryFraction,
    'Pass the fraction of the memory to allocate, such as 0.5.',
  );
  assertOption(
    allowGrowth === undefined || typeof allowGrowth === 'boolean',
    'gpu.allowGrowth',
    'true or false',
    allowGrowth,
    'Pass a boolean.',
  );
  assertOption(
    visibleDevices === undefined ||
      (Array.isArray(visibleDevices) && visibleDevices.every((d) => Number.isInteger(d) && d >= 0)),
    'gpu.visibleDevices',
    'an array of non-negative integers',
    visibleDevices,
    'Pass the indices of the GPUs to use, such as [0].',
  );
};

/**
 * Checks options at run time, for callers without a compiler.
 *
 * @throws BackendOptionError for an unknown option, or a value of the wrong type or out of range.
 */
export const assertBackendOptions = (options: BackendOptions): void => {
  assertKnownKeys(
    'useBackend()',
    options,
    { backend: true, gpu: true, threads: true, deterministic: true, libtensorflow: true },
    optionError,
  );
  const { backend = 'auto', gpu, threads, deterministic, libtensorflow } = options;
  assertOption(
    choices.includes(backend),
    'backend',
    `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`,
    backend,
    'Choose one of these.',
  );
  assertOption(
    threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS),
    'threads',
    `an integer from 1 to ${MAX_THREADS}`,
    threads,
    'Pass the number of threads, or remove the option to use every core.',
  );
  assertOption(
    deterministic === undefined || typeof deterministic === 'boolean',
    'deterministic',
    'true or false',
    deterministic,
    'Pass a boolean.',
  );
  assertOption(
    libtensorflow === undefined || (typeof libtensorflow === 'string' && libtensorflow !== ''),
    'libtensorflow',
    'a path',
    libtensorflow,
    'Pass the path of the file, of its directory, or of a Python environment with TensorFlow.',
  );
  if (gpu !== undefined) assertGpuOptions(gpu);
};

/**
 * Values of the options that only some backends support, in a fixed order; undefined for those left
 * out.
 */
export const optionValues = ({
  gpu = {},
  threads,
  deterministic,
  libtensorflow,
}: BackendOptions): Readonly<Record<OptionPath, unknown>> => ({
  'gpu.memoryFraction': gpu.memoryFraction,
  'gpu.allowGrowth': gpu.allowGrowth,
  'gpu.visibleDevices': gpu.visibleDevices,
  threads,
  // Every backend supports `deterministic: false`.
  deterministic: deterministic || undefined,
  libtensorflow,
});

/** The options that the caller set, among those that only some backends support. */
export const requestedOptions = (options: BackendOptions): readonly OptionPath[] => {
  const values = optionValues(options);
  return (Object.keys(values) as OptionPath[]).filter((path) => values[path] !== undefined);
};

/** True for options that have no effect without a GPU. */
export const isGpuOption = (path: OptionPath): boolean => path.startsWith('gpu.');
