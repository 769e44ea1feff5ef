import { expect, it } from 'vitest';
import { quietTensorflow, tensorflowEnvironment, withEnvironment } from './tensorflow-environment';

it('is empty without options', () => {
  expect(tensorflowEnvironment({})).toEqual({});
});

it('sets the threads within a kernel and between kernels', () => {
  expect(tensorflowEnvironment({ threads: 2 })).toEqual({
    TF_NUM_INTRAOP_THREADS: '2',
    TF_NUM_INTEROP_THREADS: '2',
    OMP_NUM_THREADS: '2',
  });
});

it('sets the visible GPUs, and hides all of them for an empty array', () => {
  expect(tensorflowEnvironment({ gpu: { visibleDevices: [0, 2], allowGrowth: true } })).toEqual({
    CUDA_VISIBLE_DEVICES: '0,2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  });
  expect(tensorflowEnvironment({ gpu: { visibleDevices: [] } })).toEqual({
    CUDA_VISIBLE_DEVICES: '',
  });
});

it('enables deterministic kernels on request', () => {
  expect(tensorflowEnvironment({ deterministic: true })).toEqual({ TF_DETERMINISTIC_OPS: '1' });
  expect(tensorflowEnvironment({ deterministic: false })).toEqual({});
});

it('keeps a log level that the user has set', () => {
  const environment: NodeJS.ProcessEnv = {};
  quietTensorflow(environment);
  expect(environment.TF_CPP_MIN_LOG_LEVEL).toBe('1');
  const userLevel: NodeJS.ProcessEnv = { TF_CPP_MIN_LOG_LEVEL: '0' };
  quietTensorflow(userLevel);
  expect(userLevel.TF_CPP_MIN_LOG_LEVEL).toBe('0');
});

it('keeps the variables once TensorFlow is loaded, and restores them if loading fails', async () => {
  const environment: NodeJS.ProcessEnv = { OMP_NUM_THREADS: '4' };
  const variables = { OMP_NUM_THREADS: '2', TF_DETERMINISTIC_OPS: '1' };
  const seen: NodeJS.ProcessEnv[] = [];
  const failing = async () => {
    seen.push({ ...environment });
    throw new Error('no library');
  };
  await expect(withEnvironment(variables, failing, { environment })).rejects.toThrow('no library');
  expect(seen).toEqual([variables]);
  expect(environment).toEqual({ OMP_NUM_THREADS: '4' });
  await withEnvironment(variables, async () => undefined, { environment });
  expect(environment).toEqual(variables);
});

it('throws in a worker thread if a variable has to change', async () => {
  const environment: NodeJS.ProcessEnv = {};
  const settings = { environment, isMainThread: false };
  const variables = { TF_DETERMINISTIC_OPS: '1' };
  const load = async () => 'loaded';
  await expect(withEnvironment(variables, load, settings)).rejects.toThrow(
    "the environment variable TF_DETERMINISTIC_OPS=1, which a worker thread can't set",
  );
  expect(environment).toEqual({});
  expect(await withEnvironment({}, load, settings)).toBe('loaded');
  const inherited = { ...settings, environment: { ...variables } };
  expect(await withEnvironment(variables, load, inherited)).toBe('loaded');
});
