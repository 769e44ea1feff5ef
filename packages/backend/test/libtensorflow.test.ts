// TensorFlow without tfjs-node's addon: the library of Python's TensorFlow.
import { dirname } from 'node:path';
import { pythonOracle } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, vi } from 'vitest';
import { useBackend } from '../src';

const oracle = await pythonOracle();
const title = `with Python's TensorFlow${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`;
/** The virtual environment that contains `bin/python`. */
const environment = dirname(dirname(oracle.python ?? ''));

/** Trains a small model from fixed values; returns its losses. */
const losses = (steps: number): number[] => {
  const waves = (shape: number[]) =>
    tf.tidy(() =>
      tf
        .sin(
          tf.range(
            0,
            shape.reduce((a, b) => a * b),
            1,
          ),
        )
        .reshape(shape),
    );
  const x = waves([8, 6, 6, 1]) as tf.Tensor4D;
  const filter = tf.variable(waves([3, 3, 1, 4]).mul(0.3)) as tf.Variable<tf.Rank.R4>;
  const kernel = tf.variable(waves([36, 3]).mul(0.2)) as tf.Variable<tf.Rank.R2>;
  const labels = tf.oneHot(tf.range(0, 8, 1, 'int32').mod(tf.scalar(3, 'int32')), 3);
  const optimizer = tf.train.adam(0.01);
  return Array.from({ length: steps }, () => {
    const loss = optimizer.minimize(() => {
      const pooled = tf.maxPool(tf.relu(tf.conv2d(x, filter, 1, 'same')), 2, 2, 'same');
      const logits = tf.matMul(pooled.reshape([8, 36]) as tf.Tensor2D, kernel);
      return tf.losses.softmaxCrossEntropy(labels, logits) as tf.Scalar;
    }, true);
    return loss?.dataSync()[0] ?? Number.NaN;
  });
};

describe.skipIf(oracle.python === undefined)(title, () => {
  it('trains like wasm', async () => {
    await useBackend({ backend: 'wasm' });
    const expected = losses(20);
    vi.stubEnv('ELISTIMATOR_LIBTENSORFLOW', environment);
    const report = await useBackend({ backend: 'libtensorflow', threads: 2, deterministic: true });
    expect(report).toMatchObject({ name: 'libtensorflow', tfBackend: 'tensorflow', gpu: false });
    expect(report.version).toBe('2.21.0');
    const actual = losses(20);
    for (const [step, loss] of actual.entries()) expect(loss).toBeCloseTo(expected[step] ?? 0, 5);
    expect(process.env.TF_DETERMINISTIC_OPS).toBe('1');
  });

  it('has every kernel of cpu but drawing', () => {
    const names = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);
    expect(names.filter((name) => !tf.getKernel(name, 'tensorflow'))).toEqual(['Draw']);
  });

  it('runs kernels that tfjs-node lacks', () => {
    const counts = tf.bincount(tf.tensor1d([1, 2, 2], 'int32'), tf.tensor1d([]), 4);
    expect([...counts.dataSync()]).toEqual([0, 1, 2, 0]);
    const { values } = tf.string.stringSplit(tf.tensor1d(['a b', 'c']), ' ') as {
      values: tf.Tensor;
    };
    expect(values.dataSync<'string'>()).toEqual(['a', 'b', 'c']);
    const found = tf.searchSorted(tf.tensor1d([1, 3, 5]), tf.tensor1d([2, 6]));
    expect([...found.dataSync()]).toEqual([1, 3]);
  });

  it('takes complex tensors of other backends, and gives them its own', async () => {
    await tf.setBackend('wasm');
    const numbers = tf.complex(tf.tensor1d([1, 2]), tf.tensor1d([3, 4]));
    await tf.setBackend('tensorflow');
    expect([...tf.imag(numbers).dataSync()]).toEqual([3, 4]);
    const squares = tf.mul(numbers, numbers);
    for (const backend of ['tensorflow', 'cpu', 'wasm', 'tensorflow']) {
      await tf.setBackend(backend);
      expect([...tf.real(squares).dataSync()]).toEqual([-8, -12]);
    }
  });

  it('rejects other options and the addon once it is loaded', async () => {
    await expect(useBackend({ backend: 'libtensorflow', threads: 1 })).rejects.toThrow(
      'already loaded',
    );
    await expect(useBackend({ backend: 'tfjs-node' })).rejects.toThrow(
      'already runs libtensorflow without the addon',
    );
    expect(await useBackend()).toMatchObject({ name: 'libtensorflow' });
    const same = { gpu: {}, deterministic: true, threads: 2, backend: 'libtensorflow' } as const;
    expect(await useBackend(same)).toMatchObject({ name: 'libtensorflow' });
    const none = { backend: 'libtensorflow', gpu: {}, deterministic: false } as const;
    expect(await useBackend(none)).toMatchObject({ name: 'libtensorflow' });
  });

  it("corrects tfjs-node's prelu of large numbers, and refuses to clip bool", () => {
    const x = tf.tensor1d([Infinity, -Infinity, 3e38, -3e38, 2, -2]);
    const slope = tf.tensor1d([0.1, 0.1, 0.1, 0.1, 0.1, 0.1]);
    const [positive = 0, negative = 0, large = 0, low = 0, ...others] = tf
      .prelu(x, slope)
      .dataSync();
    expect([positive, negative]).toEqual([Infinity, -Infinity]);
    expect(large / 3e38).toBeCloseTo(1);
    expect(low / -3e37).toBeCloseTo(1);
    expect(others).toEqual([2, Math.fround(-0.2)]);
    expect(tf.prelu(tf.tensor1d([-4, 3], 'int32'), 0.5).dataSync()).toEqual(Float32Array.of(-2, 3));
    expect(() => tf.clipByValue(tf.tensor1d([true, false], 'bool'), -1, 1)).toThrow(
      'expected a tensor of dtype float32 or int32, got bool',
    );
    expect(tf.clipByValue(tf.tensor1d([-3, 3], 'int32'), -1, 1).dataSync()).toEqual(
      Int32Array.of(-1, 1),
    );
  });

  it('rejects options of gpu if there is no GPU', async () => {
    await expect(
      useBackend({ backend: 'libtensorflow', gpu: { memoryFraction: 0.5 } }),
    ).rejects.toThrow();
  });
});
