import { isMainThread } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import type { BackendOptions } from '../api/options';

/**
 * Translates options to the environment variables that TensorFlow reads when it is loaded, because
 * tfjs-node's addon accepts no options. Source: TensorFlow's `process_util.cc`, `local_device.cc`,
 * `gpu_process_state.cc` and `determinism.cc`.
 */
export const tensorflowEnvironment = ({
  gpu = {},
  threads,
  deterministic,
}: BackendOptions): Readonly<Record<string, string>> => ({
  ...(threads === undefined
    ? {}
    : {
        TF_NUM_INTRAOP_THREADS: String(threads),
        TF_NUM_INTEROP_THREADS: String(threads),
        OMP_NUM_THREADS: String(threads),
      }),
  ...(gpu.allowGrowth === undefined ? {} : { TF_FORCE_GPU_ALLOW_GROWTH: String(gpu.allowGrowth) }),
  ...(gpu.visibleDevices === undefined
    ? {}
    : { CUDA_VISIBLE_DEVICES: gpu.visibleDevices.join(',') }),
  ...(deterministic ? { TF_DETERMINISTIC_OPS: '1' } : {}),
});

/**
 * True if tfjs-node, or a libtensorflow in its place, is registered as the backend `tensorflow`.
 */
export const isTensorflowRegistered = (): boolean => tf.findBackendFactory('tensorflow') != null;

/**
 * Checks that a TensorFlow that is already loaded has the requested settings, because it reads them
 * only once.
 *
 * @param loaded JSON of the settings it was loaded with; undefined if it was not loaded by this
 *   package
 * @param requested JSON of the requested settings; `{}` accepts any
 * @throws Error if they differ.
 */
export const assertSameSettings = (loaded: string | undefined, requested: string): void => {
  if (requested === '{}' || requested === loaded) return;
  throw new Error(
    'TensorFlow is already loaded, with other options; use the same options, or start a new process',
  );
};

/** Hides TensorFlow's INFO messages, unless the user has set a log level. */
export const quietTensorflow = (environment: NodeJS.ProcessEnv): void => {
  environment.TF_CPP_MIN_LOG_LEVEL ??= '1';
};

/** The process of `withEnvironment()`, for tests. */
interface ProcessState {
  readonly environment?: NodeJS.ProcessEnv;
  readonly isMainThread?: boolean;
}

/**
 * Sets environment variables, then loads TensorFlow. If loading fails, the variables are restored.
 *
 * @throws Error in a worker thread if a variable has to change: TensorFlow doesn't see a worker's
 *   environment.
 */
export const withEnvironment = async <T>(
  variables: Readonly<Record<string, string>>,
  load: () => Promise<T>,
  { environment = process.env, isMainThread: isMain = isMainThread }: ProcessState = {},
): Promise<T> => {
  const changed = Object.entries(variables).filter(([name, value]) => environment[name] !== value);
  const [first] = changed;
  if (first !== undefined && !isMain) {
    throw new Error(
      `TensorFlow reads this option from the environment variable ${first.join('=')}, which a worker thread can't set; set it before you start the process`,
    );
  }
  const previous = changed.map(([name]) => [name, environment[name]] as const);
  Object.assign(environment, Object.fromEntries(changed));
  try {
    return await load();
  } catch (error) {
    for (const [name, value] of previous) {
      if (value === undefined) delete environment[name];
      else environment[name] = value;
    }
    throw error;
  }
};
