import { isMainThread } from 'node:worker_threads';
import type { BackendOptions } from '../backend-options';

/**
 * The environment variables by which a TensorFlow that is about to be loaded takes these options:
 * its addon for Node has no other way in. Source: TensorFlow's `process_util.cc`,
 * `local_device.cc`, `gpu_process_state.cc` and `determinism.cc`.
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

/** Hides what TensorFlow logs at the level INFO, unless the user has set a level. */
export const quietTensorflow = (environment: NodeJS.ProcessEnv): void => {
  environment.TF_CPP_MIN_LOG_LEVEL ??= '1';
};

/** What the task of `withEnvironment()` runs in; a test gives its own. */
interface Surroundings {
  readonly environment?: NodeJS.ProcessEnv;
  readonly isMainThread?: boolean;
}

/**
 * Sets variables and loads TensorFlow. They stay when it is loaded, and are as before when that fails.
 *
 * @throws Error in a worker thread, whose variables are a copy that TensorFlow does not see, unless
 *   the process has them already.
 */
export const withEnvironment = async <T>(
  variables: Readonly<Record<string, string>>,
  load: () => Promise<T>,
  { environment = process.env, isMainThread: inMain = isMainThread }: Surroundings = {},
): Promise<T> => {
  const changed = Object.entries(variables).filter(([name, value]) => environment[name] !== value);
  const [first] = changed;
  if (first !== undefined && !inMain) {
    throw new Error(
      `TensorFlow takes this option from ${first.join('=')} in its environment, which a worker thread can't set; start the process with it`,
    );
  }
  const before = changed.map(([name]) => [name, environment[name]] as const);
  Object.assign(environment, Object.fromEntries(changed));
  try {
    return await load();
  } catch (error) {
    for (const [name, value] of before) {
      if (value === undefined) delete environment[name];
      else environment[name] = value;
    }
    throw error;
  }
};
