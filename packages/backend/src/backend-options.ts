import type { BackendName } from './backend-report';
import { BackendOptionError } from './errors';

/** What a TensorFlow that runs on a GPU may take of it. */
export interface GpuOptions {
  /** Part of the GPU's memory to take at once: over 0, at most 1. */
  readonly memoryFraction?: number;
  /** Take memory as it is needed instead of all at the start. */
  readonly allowGrowth?: boolean;
  /** Indices of the GPUs to use, from 0; none at all for an empty list. */
  readonly visibleDevices?: readonly number[];
}

/** A backend's name, or `auto` for the fastest that starts. */
export type BackendChoice = 'auto' | BackendName;

/** What `useBackend()` takes. */
export interface BackendOptions {
  /** `auto` when left out. */
  readonly backend?: BackendChoice;
  readonly gpu?: GpuOptions;
  /** How many threads one kernel, and as many kernels at a time, may use: an integer from 1. */
  readonly threads?: number;
  /** Whether the same run has to give the same numbers to the last bit, even where that is slower. */
  readonly deterministic?: boolean;
  /**
   * Where libtensorflow is: its file, its directory, or a Python environment with a TensorFlow. Default:
   * `ELISTIMATOR_LIBTENSORFLOW`, then the places where one is installed.
   */
  readonly libtensorflow?: string;
}

/** The path of an option that a backend either honours or does not. */
export type OptionPath =
  | 'gpu.memoryFraction'
  | 'gpu.allowGrowth'
  | 'gpu.visibleDevices'
  | 'threads'
  | 'deterministic'
  | 'libtensorflow';

/** More than any machine has cores; TensorFlow would start every one of them. */
const mostThreads = 1024;

const choices: readonly string[] = [
  'auto',
  'tfjs-node-gpu',
  'tfjs-node',
  'libtensorflow',
  'wasm',
  'cpu',
];

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

const show = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));

const requireThat = (
  holds: boolean,
  subject: string,
  expected: string,
  actual: unknown,
  fix: string,
): void => {
  if (!holds) throw new BackendOptionError({ subject, expected, actual: show(actual), fix });
};

const requireObject = (subject: string, value: unknown): void =>
  requireThat(
    typeof value === 'object' && value !== null,
    subject,
    'an object',
    value,
    'Give an object, or leave it out.',
  );

const requireKnownKeys = (subject: string, value: object, known: readonly string[]): void => {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    throw new BackendOptionError({
      subject,
      expected: `only ${quoted(known)}`,
      actual: `'${key}'`,
      fix: 'Correct its spelling, or leave it out.',
    });
  }
};

const checkGpuOptions = (gpu: GpuOptions): void => {
  requireObject('backend option gpu', gpu);
  requireKnownKeys('backend options gpu', gpu, ['memoryFraction', 'allowGrowth', 'visibleDevices']);
  const { memoryFraction, allowGrowth, visibleDevices } = gpu;
  requireThat(
    memoryFraction === undefined ||
      (typeof memoryFraction === 'number' && memoryFraction > 0 && memoryFraction <= 1),
    'backend option gpu.memoryFraction',
    'a number over 0 and at most 1',
    memoryFraction,
    'Give the part of the memory to take, such as 0.5.',
  );
  requireThat(
    allowGrowth === undefined || typeof allowGrowth === 'boolean',
    'backend option gpu.allowGrowth',
    'true or false',
    allowGrowth,
    'Give a boolean.',
  );
  requireThat(
    visibleDevices === undefined ||
      (Array.isArray(visibleDevices) && visibleDevices.every((d) => Number.isInteger(d) && d >= 0)),
    'backend option gpu.visibleDevices',
    'a list of integers from 0',
    visibleDevices,
    'Give the indices of the GPUs to use, such as [0].',
  );
};

/**
 * Checks what a caller gave, since a JavaScript caller has no compiler to do so.
 *
 * @throws BackendOptionError for an unknown name or a value outside its range.
 */
export const checkBackendOptions = (options: BackendOptions): void => {
  requireObject('backend options', options);
  requireKnownKeys('backend options', options, [
    'backend',
    'gpu',
    'threads',
    'deterministic',
    'libtensorflow',
  ]);
  const { backend = 'auto', gpu, threads, deterministic, libtensorflow } = options;
  requireThat(
    choices.includes(backend),
    'backend option backend',
    `one of ${quoted(choices)}`,
    backend,
    "Choose one of these, or 'auto'.",
  );
  requireThat(
    threads === undefined || (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads),
    'backend option threads',
    `an integer from 1 to ${mostThreads}`,
    threads,
    'Give the number of threads, or leave it out for as many as there are cores.',
  );
  requireThat(
    deterministic === undefined || typeof deterministic === 'boolean',
    'backend option deterministic',
    'true or false',
    deterministic,
    'Give a boolean.',
  );
  requireThat(
    libtensorflow === undefined || (typeof libtensorflow === 'string' && libtensorflow !== ''),
    'backend option libtensorflow',
    'a path',
    libtensorflow,
    'Give the file, its directory, or a Python environment with a TensorFlow.',
  );
  if (gpu !== undefined) checkGpuOptions(gpu);
};

/** The values of the options that some backend may not be able to honour, in one order; undefined where not given. */
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
  // Not to insist on it asks for nothing.
  deterministic: deterministic || undefined,
  libtensorflow,
});

/** The options that were given, of those that some backend may not be able to honour. */
export const givenOptions = (options: BackendOptions): readonly OptionPath[] => {
  const values = optionValues(options);
  return (Object.keys(values) as OptionPath[]).filter((path) => values[path] !== undefined);
};

/** Whether an option speaks of a GPU, so that it has nothing to act on where there is none. */
export const isGpuOption = (path: OptionPath): boolean => path.startsWith('gpu.');
