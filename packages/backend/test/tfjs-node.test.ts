import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, vi } from 'vitest';
import { useBackend } from '../src';
import { findAddon } from '../src/candidates/tfjs-node-package';

const require = createRequire(import.meta.url);
const { path } = findAddon(require.resolve('@tensorflow/tfjs-node/package.json'));
const hasAddon = existsSync(path);

describe.runIf(hasAddon)('with the addon of tfjs-node built', () => {
  it('useBackend starts TensorFlow with the requested threads, and rejects other options later', async () => {
    const report = await useBackend({ threads: 1 });
    expect(report).toMatchObject({ name: 'tfjs-node', tfBackend: 'tensorflow', gpu: false });
    expect(report.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(process.env.TF_NUM_INTRAOP_THREADS).toBe('1');
    expect(readdirSync('/proc/self/task').length).toBeGreaterThan(0);
    await expect(useBackend({ backend: 'tfjs-node', threads: 2 })).rejects.toThrow(
      'already loaded',
    );
    // auto doesn't switch to another backend either.
    await expect(useBackend({ threads: 2 })).rejects.toThrow('already loaded');
    expect(await useBackend({ threads: 1 })).toBe(report);
  });

  it('trains a convolution, and einsum has a gradient', async () => {
    await useBackend({ threads: 1 });
    const filter = tf.variable(tf.fill([3, 3, 1, 2], 0.1)) as tf.Variable<tf.Rank.R4>;
    const weight = tf.variable(tf.fill([2, 3], 0.1));
    const x = tf.ones([2, 6, 6, 1]) as tf.Tensor4D;
    const optimizer = tf.train.sgd(0.01);
    const step = () => {
      const loss = optimizer.minimize(() => {
        const features = tf.mean(tf.conv2d(x, filter, 2, 'same'), [1, 2]);
        return tf.sum(tf.square(tf.sub(tf.einsum('bc,cd->bd', features, weight), 1))) as tf.Scalar;
      }, true);
      return loss?.dataSync()[0] ?? Number.NaN;
    };
    const [first] = [step(), step(), step()];
    expect(step()).toBeLessThan(first ?? 0);
  });

  it('rejects options of gpu if there is no GPU', async () => {
    await expect(
      useBackend({ backend: 'tfjs-node', gpu: { allowGrowth: true } }),
    ).rejects.toThrow();
  });

  it('lets the process switch to wasm, with its tensors', async () => {
    const x = tf.tensor1d([3, 4]);
    expect(await useBackend({ backend: 'wasm' })).toMatchObject({ name: 'wasm' });
    expect([...tf.square(x).dataSync()]).toEqual([9, 16]);
  });
});

describe.skipIf(hasAddon)('without the addon of tfjs-node', () => {
  it('and without libtensorflow, useBackend falls back to wasm and reports why', async () => {
    vi.stubEnv('ELISTIMATOR_LIBTENSORFLOW', '/no/such/libtensorflow.so');
    const report = await useBackend();
    expect(report.name).toBe('wasm');
    expect(report.summary).toContain('no native addon');
    expect(report.summary).toContain('not libtensorflow: ');
  });
});
