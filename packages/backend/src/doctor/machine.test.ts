import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { cudaFacts, isAtLeast, platformFacts } from './machine';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cuda-')));
  onTestFinished(() => rmSync(root, { recursive: true }));
});

const write = (path: string): string => {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  return file;
};

const outputsOf =
  (outputs: Readonly<Record<string, string>>) =>
  (program: string): Promise<string | undefined> =>
    Promise.resolve(outputs[program]);

it('finds CUDA libraries in site-packages, LD_LIBRARY_PATH, the install directory and the cache', async () => {
  const pip = write('site-packages/nvidia/cudnn/lib/libcudnn.so.9');
  write('site-packages/nvidia/cudnn/lib/libcudnn_ops.so.9');
  const named = write('named/libcudart.so.12.4.127');
  const installed = write('cuda-12.4/lib64/libcublas.so.12');
  write('other/lib64/libcublas.so.11');
  const cached = write('cached/libcublas.so.13');
  symlinkSync(named, join(root, 'named/libcudart.so.12'));
  const facts = await cudaFacts({
    env: { LD_LIBRARY_PATH: `${join(root, 'named')}:` },
    libtensorflow: join(root, 'site-packages/tensorflow/libtensorflow_cc.so.2'),
    installDirectory: root,
    run: outputsOf({ '/sbin/ldconfig': `1 libs\n\tlibcublas.so.13 (libc6,x86-64) => ${cached}\n` }),
  });
  expect(facts).toEqual({
    libraries: [
      { name: 'libcudart', files: [named] },
      { name: 'libcudnn', files: [pip] },
      { name: 'libcublas', files: [installed, cached] },
    ],
  });
});

it('parses the driver and its GPUs', async () => {
  const output = 'NVIDIA H100 80GB HBM3, 550.54.15\nNVIDIA T4, 550.54.15\n';
  const search = { env: {}, installDirectory: root };
  const { driver } = await cudaFacts({ ...search, run: outputsOf({ 'nvidia-smi': output }) });
  expect(driver).toEqual({ version: '550.54.15', gpus: ['NVIDIA H100 80GB HBM3', 'NVIDIA T4'] });
  const without = await cudaFacts({ ...search, run: outputsOf({}) });
  expect(without).not.toHaveProperty('driver');
  const noDevices = outputsOf({ 'nvidia-smi': 'No devices were found\n' });
  expect(await cudaFacts({ ...search, run: noDevices })).not.toHaveProperty('driver');
});

it.each([
  ['20.19.0', true],
  ['20.19.1', true],
  ['20.20.0', true],
  ['22.0.0', true],
  ['20.18.9', false],
  ['18.99.99', false],
])('%s is at least 20.19.0: %s', (version, expected) => {
  expect(isAtLeast(version, '20.19.0')).toBe(expected);
});

it('describes this Node, and on Linux its C library', () => {
  const { node, nodeSupported, libc } = platformFacts();
  expect(`v${node}`).toBe(process.version);
  expect(nodeSupported).toBe(true);
  if (process.platform === 'linux') expect(libc).toMatch(/^(glibc \d+\.\d+|musl)$/);
  else expect(libc).toBeUndefined();
});
