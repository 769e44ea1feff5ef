import { describe, expect, it } from 'vitest';
import { BackendOptionError } from './errors';
import { assertBackendOptions, type BackendOptions, requestedOptions } from './options';

describe('assertBackendOptions', () => {
  it.each<BackendOptions>([
    {},
    { backend: 'auto' },
    { backend: 'wasm', threads: 1 },
    { backend: 'libtensorflow', deterministic: true },
    { gpu: { memoryFraction: 1, allowGrowth: false, visibleDevices: [] } },
  ])('accepts %j', (options) => {
    expect(() => assertBackendOptions(options)).not.toThrow();
  });

  it.each([
    [{ backend: 'webgl' }, 'backend option "backend": expected one of "auto"'],
    [{ threads: 0 }, 'backend option "threads": expected an integer from 1 to 1024, got 0'],
    [{ threads: 1.5 }, 'backend option "threads"'],
    [{ threads: 100_000 }, 'got 100000'],
    [
      { gpu: { memoryFraction: 0 } },
      '"gpu.memoryFraction": expected a number greater than 0 and at most 1, got 0',
    ],
    [{ gpu: { memoryFraction: '0.5' } }, 'got "0.5"'],
    [{ gpu: { memoryFraction: Number.NaN } }, '"gpu.memoryFraction"'],
    [{ gpu: { allowGrowth: 1 } }, '"gpu.allowGrowth": expected true or false, got 1'],
    [
      { gpu: { visibleDevices: [-1] } },
      '"gpu.visibleDevices": expected an array of non-negative integers, got [-1]',
    ],
    [{ gpu: { visibleDevices: '0' } }, '"gpu.visibleDevices"'],
    [{ gpu: { memoryfraction: 0.5 } }, 'got "memoryfraction". Did you mean "memoryFraction"?'],
    [{ gpu: null }, 'options of useBackend({ gpu }): expected an object, got null'],
    [
      { thread: 1 },
      'options of useBackend(): expected only "backend", "gpu", "threads", "deterministic", "libtensorflow", got "thread". Did you mean "threads"?',
    ],
    [{ deterministic: 1 }, 'backend option "deterministic": expected true or false, got 1'],
    [{ libtensorflow: '' }, 'backend option "libtensorflow": expected a path, got ""'],
    [null, 'options of useBackend(): expected an object, got null'],
  ])('rejects %j', (options, message) => {
    const check = () => assertBackendOptions(options as BackendOptions);
    expect(check).toThrow(BackendOptionError);
    expect(check).toThrow(message);
  });
});

describe('requestedOptions', () => {
  it('lists options that are set, including false and an empty array', () => {
    expect(requestedOptions({})).toEqual([]);
    expect(requestedOptions({ backend: 'cpu', gpu: {} })).toEqual([]);
    expect(
      requestedOptions({ gpu: { allowGrowth: false, visibleDevices: [] }, threads: 2 }),
    ).toEqual(['gpu.allowGrowth', 'gpu.visibleDevices', 'threads']);
    expect(requestedOptions({ deterministic: true })).toEqual(['deterministic']);
    expect(requestedOptions({ deterministic: false })).toEqual([]);
  });
});
