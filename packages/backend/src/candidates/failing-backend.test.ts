import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it, vi } from 'vitest';
import { activateBackend } from '../tfjs-internals';
import { useBackend } from '../use-backend';

vi.mock('./tfjs-node-package', async (importOriginal) => ({
  ...(await importOriginal<typeof import('./tfjs-node-package')>()),
  resolvePackage: () => ({ packageFile: '/none/package.json', require: () => ({}) }),
  findAddon: () => ({ path: import.meta.filename, packageVersion: '4.22.0' }),
  shimUtil: () => undefined,
}));

const broken = () => {
  throw new Error('no device');
};

vi.mock('@elistimator/libtensorflow', () => ({
  loadLibtensorflow: async () => ({
    version: '2.21.0',
    tfjsBinding: () => ({ isUsingGpuDevice: () => false }),
  }),
  registerTfjsBackend: () => {
    if (tf.findBackendFactory('tensorflow')) tf.removeBackend('tensorflow');
    tf.registerBackend('tensorflow', broken);
  },
}));

afterEach(() => tf.removeBackend('tensorflow'));

it('a backend that does not start is reported, and the one before stays', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  tf.registerBackend('tensorflow', broken);
  await expect(activateBackend('tensorflow')).rejects.toThrow(
    'could not start its backend "tensorflow"',
  );
  expect(tf.getBackend()).toBeFalsy();
  // The package of tfjs-node registers its backend when it is loaded.
  await expect(useBackend({ backend: 'tfjs-node' })).rejects.toThrow('could not start its backend');
  await useBackend({ backend: 'cpu' });
  await expect(useBackend({ backend: 'tfjs-node' })).rejects.toThrow('could not start its backend');
  expect(tf.getBackend()).toBe('cpu');
  expect([...tf.square([3]).dataSync()]).toEqual([9]);
  warn.mockRestore();
});

it('libtensorflow is not reported if tfjs runs on another backend', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await expect(useBackend({ backend: 'libtensorflow' })).rejects.toThrow(
    'could not start its backend',
  );
  const report = await useBackend({ backend: 'cpu' });
  expect(report).toMatchObject({ name: 'cpu' });
  warn.mockRestore();
});
