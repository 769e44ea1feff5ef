import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { cudaFacts } from './cuda';

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

const answers =
  (outputs: Readonly<Record<string, string>>) =>
  (program: string): Promise<string | undefined> =>
    Promise.resolve(outputs[program]);

it("finds pip's libraries, those on the loader's path, NVIDIA's and the cached", async () => {
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
    run: answers({ '/sbin/ldconfig': `1 libs\n\tlibcublas.so.13 (libc6,x86-64) => ${cached}\n` }),
  });
  expect(facts).toEqual({
    libraries: [
      { name: 'libcudart', files: [named] },
      { name: 'libcudnn', files: [pip] },
      { name: 'libcublas', files: [installed, cached] },
    ],
  });
});

it('reads the driver and its GPUs', async () => {
  const output = 'NVIDIA H100 80GB HBM3, 550.54.15\nNVIDIA T4, 550.54.15\n';
  const search = { env: {}, installDirectory: root };
  const { driver } = await cudaFacts({ ...search, run: answers({ 'nvidia-smi': output }) });
  expect(driver).toEqual({ version: '550.54.15', gpus: ['NVIDIA H100 80GB HBM3', 'NVIDIA T4'] });
  const without = await cudaFacts({ ...search, run: answers({}) });
  expect(without).not.toHaveProperty('driver');
  const asleep = answers({ 'nvidia-smi': 'No devices were found\n' });
  expect(await cudaFacts({ ...search, run: asleep })).not.toHaveProperty('driver');
});
