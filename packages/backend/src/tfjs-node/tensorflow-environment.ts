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
