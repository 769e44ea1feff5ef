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
} from './api/errors';
import { findAddon, resolvePackage } from './candidates/tfjs-node-package';
import { useBackend } from './use-backend';

// The tests must not depend on the packages installed on this machine.
vi.mock('./candidates/tfjs-node-package', async (importOriginal) => ({
  ...(await importOriginal<typeof import('./candidates/tfjs-node-package')>()),
  resolvePackage: vi.fn(),
}));
vi.mock('./doctor/tfjs-packages', () => ({
  findDuplicateTfjs: () => [
    { name: 'tfjs-core', version: '4.22.0', directory: '/here', usedBy: ['this application'] },
    { name: 'tfjs-core', version: '4.10.0', directory: '/there', usedBy: ['old', 'older'] },
  ],
}));
vi.mock('@elistimator/libtensorflow', () => ({
  loadLibtensorflow: () => Promise.reject(new Error('none installed')),
  registerTfjsBackend: vi.fn(),
}));

const folder = mkdtempSync(join(tmpdir(), 'packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Installs a tfjs-node package whose addon is missing, or is not a shared object. */
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
  it('prefers wasm to the cpu backend that tfjs falls back to, and keeps its tensors', async () => {
    vi.mocked(resolvePackage).mockImplementation((name) =>
      name === '@tensorflow/tfjs-node' ? install('missing', 'missing') : undefined,
    );
    const banner = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const earlier = tf.tensor1d([1, 2, 3]);
    banner.mockRestore();
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
        { name: 'libtensorflow', reason: 'none installed' },
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

  it('makes wasm able to train', () => {
    expect(tf.getKernel(tf.Conv2DBackpropFilter, 'wasm')).toBeDefined();
    expect(tf.getGradient(tf.Einsum)).toBeDefined();
  });

  it('returns the same report for the same options, to concurrent calls too', async () => {
    const [first, second] = await Promise.all([useBackend(), useBackend({})]);
    expect(second).toEqual(first);
    expect(await useBackend()).toBe(await useBackend());
  });

  it('starts cpu on request, without a banner', async () => {
    const warn = vi.spyOn(console, 'warn');
    const report = await useBackend({ backend: 'cpu' });
    expect(report).toMatchObject({ name: 'cpu', tfBackend: 'cpu', rejected: [] });
    tf.scalar(1).dispose();
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('keeps an earlier choice under auto', async () => {
    await useBackend({ backend: 'cpu' });
    expect(await useBackend({ backend: 'auto' })).toMatchObject({ name: 'cpu', rejected: [] });
    await tf.setBackend('wasm');
    expect(await useBackend({ backend: 'auto' })).toMatchObject({ name: 'wasm', rejected: [] });
  });

  it('keeps a custom backend', async () => {
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

  it('reports options of gpu as unused under auto if there is no GPU', async () => {
    const report = await useBackend({ gpu: { memoryFraction: 0.5 } });
    expect(report.unused).toEqual(['gpu.memoryFraction']);
    expect(report.summary).toContain('no GPU here for gpu.memoryFraction');
  });

  it('supports one thread on wasm, and keeps wasm under auto if more are requested', async () => {
    expect(await useBackend({ backend: 'wasm', threads: 1 })).toMatchObject({ name: 'wasm' });
    const rejected = useBackend({ threads: 4 });
    await expect(rejected).rejects.toThrow(BackendUnavailableError);
    await expect(rejected).rejects.toMatchObject({
      rejected: [{ name: 'wasm', reason: 'it does not support the option "threads"' }],
    });
    await expect(rejected).rejects.toThrow('options that the current backend "wasm" supports');
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
  ] as const)(
    'rejects %j, and lists the backends that support it',
    async (options, option, supportedBy) => {
      const rejected = useBackend(options);
      await expect(rejected).rejects.toThrow(UnsupportedBackendOptionError);
      await expect(rejected).rejects.toMatchObject({
        option,
        backend: options.backend,
        supportedBy,
      });
      for (const name of supportedBy) await expect(rejected).rejects.toThrow(`"${name}"`);
    },
  );

  it('rejects if the named backend does not start, and keeps the current one', async () => {
    vi.mocked(resolvePackage).mockReturnValue(install('broken', 'broken'));
    const failed = useBackend({ backend: 'tfjs-node' });
    await expect(failed).rejects.toThrow(BackendUnavailableError);
    await expect(failed).rejects.toThrow(
      /backend "tfjs-node": expected it to start, got .*backend: "auto"/s,
    );
    await expect(failed).rejects.toMatchObject({ cause: { code: 'ERR_DLOPEN_FAILED' } });
    expect(tf.getBackend()).toBe('wasm');
  });

  it('reports the install command if the kernels for libtensorflow are missing', async () => {
    await expect(useBackend({ backend: 'libtensorflow' })).rejects.toThrow(
      'npm install --ignore-scripts @tensorflow/tfjs-node',
    );
    expect(tf.getBackend()).toBe('wasm');
  });

  it('rejects invalid options', async () => {
    await expect(useBackend({ threads: -1 })).rejects.toThrow(BackendOptionError);
    await expect(useBackend()).resolves.toMatchObject({ name: 'wasm' });
  });
});
