import { expect, it } from 'vitest';
import { quietTensorflow, tensorflowEnvironment, withEnvironment } from './tensorflow-environment';

it('has nothing for no options', () => {
  expect(tensorflowEnvironment({})).toEqual({});
});

it('has the threads of a kernel and between kernels', () => {
  expect(tensorflowEnvironment({ threads: 2 })).toEqual({
    TF_NUM_INTRAOP_THREADS: '2',
    TF_NUM_INTEROP_THREADS: '2',
    OMP_NUM_THREADS: '2',
  });
});

it('has the GPUs, and none of them for an empty list', () => {
  expect(tensorflowEnvironment({ gpu: { visibleDevices: [0, 2], allowGrowth: true } })).toEqual({
    CUDA_VISIBLE_DEVICES: '0,2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  });
  expect(tensorflowEnvironment({ gpu: { visibleDevices: [] } })).toEqual({
    CUDA_VISIBLE_DEVICES: '',
  });
});

it('has deterministic kernels when they are asked for', () => {
  expect(tensorflowEnvironment({ deterministic: true })).toEqual({ TF_DETERMINISTIC_OPS: '1' });
  expect(tensorflowEnvironment({ deterministic: false })).toEqual({});
});

it('leaves a log level that the user has set', () => {
  const environment: NodeJS.ProcessEnv = {};
  quietTensorflow(environment);
  expect(environment.TF_CPP_MIN_LOG_LEVEL).toBe('1');
  const chosen: NodeJS.ProcessEnv = { TF_CPP_MIN_LOG_LEVEL: '0' };
  quietTensorflow(chosen);
  expect(chosen.TF_CPP_MIN_LOG_LEVEL).toBe('0');
});

it('keeps the variables when TensorFlow is loaded, and not when that fails', async () => {
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

it('refuses what a worker thread would have to set, since TensorFlow would not see it', async () => {
  const environment: NodeJS.ProcessEnv = {};
  const settings = { environment, isMainThread: false };
  const variables = { TF_DETERMINISTIC_OPS: '1' };
  const load = async () => 'loaded';
  await expect(withEnvironment(variables, load, settings)).rejects.toThrow(
    "TF_DETERMINISTIC_OPS=1 in its environment, which a worker thread can't set",
  );
  expect(environment).toEqual({});
  expect(await withEnvironment({}, load, settings)).toBe('loaded');
  const inherited = { ...settings, environment: { ...variables } };
  expect(await withEnvironment(variables, load, inherited)).toBe('loaded');
});
