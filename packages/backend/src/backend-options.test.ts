import { describe, expect, it } from 'vitest';
import { type BackendOptions, checkBackendOptions, givenOptions } from './backend-options';
import { BackendOptionError } from './errors';

describe('checkBackendOptions', () => {
  it.each<BackendOptions>([
    {},
    { backend: 'auto' },
    { backend: 'wasm', threads: 1 },
    { backend: 'libtensorflow', deterministic: true },
    { gpu: { memoryFraction: 1, allowGrowth: false, visibleDevices: [] } },
  ])('takes %j', (options) => {
    expect(() => checkBackendOptions(options)).not.toThrow();
  });

  it.each([
    [{ backend: 'webgl' }, "backend option backend: expected one of 'auto'"],
    [{ threads: 0 }, 'backend option threads: expected an integer from 1 to 1024, got 0'],
    [{ threads: 1.5 }, 'backend option threads'],
    [{ threads: 100_000 }, 'got 100000'],
    [
      { gpu: { memoryFraction: 0 } },
      'gpu.memoryFraction: expected a number over 0 and at most 1, got 0',
    ],
    [{ gpu: { memoryFraction: '0.5' } }, "got '0.5'"],
    [{ gpu: { memoryFraction: Number.NaN } }, 'gpu.memoryFraction'],
    [{ gpu: { allowGrowth: 1 } }, 'gpu.allowGrowth: expected true or false, got 1'],
    [
      { gpu: { visibleDevices: [-1] } },
      'gpu.visibleDevices: expected a list of integers from 0, got [-1]',
    ],
    [{ gpu: { visibleDevices: '0' } }, 'gpu.visibleDevices'],
    [{ gpu: { memoryfraction: 0.5 } }, "got 'memoryfraction'"],
    [{ gpu: null }, 'backend option gpu: expected an object, got null'],
    [
      { thread: 1 },
      "backend options: expected only 'backend', 'gpu', 'threads', 'deterministic', 'libtensorflow', got 'thread'",
    ],
    [{ deterministic: 1 }, 'backend option deterministic: expected true or false, got 1'],
    [{ libtensorflow: '' }, "backend option libtensorflow: expected a path, got ''"],
    [null, 'backend options: expected an object, got null'],
  ])('refuses %j', (options, message) => {
    const check = () => checkBackendOptions(options as BackendOptions);
    expect(check).toThrow(BackendOptionError);
    expect(check).toThrow(message);
  });
});

describe('givenOptions', () => {
  it('names what was given, even false and an empty list', () => {
    expect(givenOptions({})).toEqual([]);
    expect(givenOptions({ backend: 'cpu', gpu: {} })).toEqual([]);
    expect(givenOptions({ gpu: { allowGrowth: false, visibleDevices: [] }, threads: 2 })).toEqual([
      'gpu.allowGrowth',
      'gpu.visibleDevices',
      'threads',
    ]);
    expect(givenOptions({ deterministic: true })).toEqual(['deterministic']);
    expect(givenOptions({ deterministic: false })).toEqual([]);
  });
});
