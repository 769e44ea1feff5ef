import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  BackendOptionError,
  BackendUnavailableError,
  UnsupportedBackendOptionError,
} from './errors';
import { resolvePackage } from './resolve-package';
import { findAddon } from './tfjs-node/find-addon';
import { useBackend } from './use-backend';

// What is installed here must not decide what these tests see.
vi.mock('./resolve-package', () => ({ resolvePackage: vi.fn() }));
vi.mock('./doctor/tfjs-packages', () => ({
  findDuplicateTfjs: () => [
    { name: 'tfjs-core', version: '4.22.0', directory: '/here', usedBy: ['this application'] },
    { name: 'tfjs-core', version: '4.10.0', directory: '/there', usedBy: ['old', 'older'] },
  ],
}));
vi.mock('@elistimator/libtensorflow', () => ({
  loadLibtensorflow: () => Promise.reject(new Error('there is none')),
  registerTfjsBackend: vi.fn(),
}));

const folder = mkdtempSync(join(tmpdir(), 'packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A tfjs-node package whose addon is missing, or is a file that no loader takes. */
const install = (name: string, addon: 'missing' | 'broken') => {
  const packageFile = join(folder, name, 'package.json');
  mkdirSync(dirname(packageFile), { recursive: true });
  const binary = { module_name: 'tfjs_binding', module_path: './lib', napi_versions: [3] };
  writeFileSync(packageFile, JSON.stringify({ version: '4.22.0', binary }));
  if (addon === 'broken') {
    const { path } = findAddon(packageFile);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'not a shared object');
  }
  return { packageFile, require: createRequire(packageFile) };
};

beforeEach(() => {
  vi.mocked(resolvePackage).mockReset();
});

describe('useBackend', () => {
  it('prefers wasm to the cpu that tfjs falls on by itself, and keeps what was made there', async () => {
    vi.mocked(resolvePackage).mockImplementation((name) =>
      name === '@tensorflow/tfjs-node' ? install('missing', 'missing') : undefined,
    );
    const greeting = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const earlier = tf.tensor1d([1, 2, 3]);
    greeting.mockRestore();
    expect(tf.getBackend()).toBe('cpu');
    const report = await useBackend();
    expect(report).toMatchObject({
      name: 'wasm',
      tfBackend: 'wasm',
      version: '4.22.0',
      gpu: false,
      rejected: [
        { name: 'tfjs-node-gpu', reason: 'not installed' },
        {
          name: 'tfjs-node',
          reason:
            '@tensorflow/tfjs-node 4.22.0 has no native addon: its install script did not run, or failed',
        },
        { name: 'libtensorflow', reason: 'there is none' },
      ],
      unused: [],
    });
    expect(report.summary).toMatch(
      /^backend: wasm \(4\.22\.0\); not tfjs-node-gpu: not installed; not tfjs-node: /,
    );
    expect(report.warnings).toEqual([
      '2 copies of @tensorflow/tfjs-core: 4.22.0 in /here for this application, 4.10.0 in /there for old and older; run npm dedupe',
    ]);
    expect(tf.getBackend()).toBe('wasm');
    expect([...tf.square(earlier).dataSync()]).toEqual([1, 4, 9]);
  });

  it('can train on wasm then', () => {
    expect(tf.getKernel(tf.Conv2DBackpropFilter, 'wasm')).toBeDefined();
    expect(tf.getGradient(tf.Einsum)).toBeDefined();
  });

  it('gives the same report for the same options, also to calls at once', async () => {
    const [first, second] = await Promise.all([useBackend(), useBackend({})]);
    expect(second).toEqual(first);
    expect(await useBackend()).toBe(await useBackend());
  });

  it('starts cpu when it is named, without a greeting', async () => {
    const warn = vi.spyOn(console, 'warn');
    const report = await useBackend({ backend: 'cpu' });
    expect(report).toMatchObject({ name: 'cpu', tfBackend: 'cpu', rejected: [] });
    tf.scalar(1).dispose();
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('leaves the choice, under auto, to whoever chose before', async () => {
    await useBackend({ backend: 'cpu' });
    expect(await useBackend({ backend: 'auto' })).toMatchObject({ name: 'cpu', rejected: [] });
    await tf.setBackend('wasm');
    expect(await useBackend({ backend: 'auto' })).toMatchObject({ name: 'wasm', rejected: [] });
  });

  it('keeps a backend that it does not know', async () => {
    const backend = tf.backend();
    tf.registerBackend('mine', () => backend);
    await tf.setBackend('mine');
    expect(await useBackend()).toMatchObject({
      name: 'own',
      tfBackend: 'mine',
      summary: expect.stringMatching(/^backend: mine; warning: /),
    });
    await tf.setBackend('wasm');
  });

  it('lets options of gpu pass under auto where there is no GPU, and says so', async () => {
    const report = await useBackend({ gpu: { memoryFraction: 0.5 } });
    expect(report.unused).toEqual(['gpu.memoryFraction']);
    expect(report.summary).toContain('no GPU here for gpu.memoryFraction');
  });

  it('honours one thread on wasm, and under auto is not left for more', async () => {
    expect(await useBackend({ backend: 'wasm', threads: 1 })).toMatchObject({ name: 'wasm' });
    const none = useBackend({ threads: 4 });
    await expect(none).rejects.toThrow(BackendUnavailableError);
    await expect(none).rejects.toMatchObject({
      rejected: [{ name: 'wasm', reason: 'it does not honour threads' }],
    });
    await expect(none).rejects.toThrow('on which this process runs already');
    expect(tf.getBackend()).toBe('wasm');
  });

  it.each([
    [{ backend: 'wasm', threads: 4 }, 'threads', ['tfjs-node-gpu', 'tfjs-node', 'libtensorflow']],
    [
      { backend: 'wasm', gpu: { allowGrowth: true } },
      'gpu.allowGrowth',
      ['tfjs-node-gpu', 'libtensorflow'],
    ],
    [
      { backend: 'cpu', gpu: { visibleDevices: [0] } },
      'gpu.visibleDevices',
      ['tfjs-node-gpu', 'libtensorflow'],
    ],
    [
      { backend: 'tfjs-node-gpu', gpu: { memoryFraction: 0.5 } },
      'gpu.memoryFraction',
      ['libtensorflow'],
    ],
    [{ backend: 'cpu', libtensorflow: '/lib' }, 'libtensorflow', ['libtensorflow']],
  ] as const)('refuses %j, and says which backend can', async (options, option, honouredBy) => {
    const refused = useBackend(options);
    await expect(refused).rejects.toThrow(UnsupportedBackendOptionError);
    await expect(refused).rejects.toMatchObject({ option, backend: options.backend, honouredBy });
    for (const name of honouredBy) await expect(refused).rejects.toThrow(`'${name}'`);
  });

  it('fails loudly when the backend that is named does not start, and stays where it was', async () => {
    vi.mocked(resolvePackage).mockReturnValue(install('broken', 'broken'));
    const failed = useBackend({ backend: 'tfjs-node' });
    await expect(failed).rejects.toThrow(BackendUnavailableError);
    await expect(failed).rejects.toThrow(
      /backend 'tfjs-node': expected it to start, got .*backend: 'auto'/s,
    );
    await expect(failed).rejects.toMatchObject({ cause: { code: 'ERR_DLOPEN_FAILED' } });
    expect(tf.getBackend()).toBe('wasm');
  });

  it('says what to install when there are no kernels for libtensorflow', async () => {
    await expect(useBackend({ backend: 'libtensorflow' })).rejects.toThrow(
      'npm install --ignore-scripts @tensorflow/tfjs-node',
    );
    expect(tf.getBackend()).toBe('wasm');
  });

  it('checks its options', async () => {
    await expect(useBackend({ threads: -1 })).rejects.toThrow(BackendOptionError);
    await expect(useBackend()).resolves.toMatchObject({ name: 'wasm' });
  });
});
