import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MetricAccumulator } from './accumulator';
import { custom } from './custom';
import { MetricError, type MetricTotals } from './metric';

let tensorsBefore = 0;
beforeAll(async () => {
  await tf.setBackend('cpu');
});
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

const sumOf = (value: number) =>
  custom({
    update: () => ({ sum: tf.scalar(value) }),
    result: ({ sum }) => sum?.data[0] ?? 0,
  });

/** Returns the totals themselves. */
const totalsOf = (update: () => Record<string, tf.Tensor>) =>
  custom<MetricTotals>({ update, result: (totals) => totals });

describe('MetricAccumulator', () => {
  it('sums in float64', async () => {
    const accumulator = new MetricAccumulator();
    accumulator.add(sumOf(2 ** 24));
    for (let batch = 0; batch < 5; batch++) accumulator.add(sumOf(1));
    await accumulator.flush();
    accumulator.add(sumOf(1));
    expect(await accumulator.result()).toBe(2 ** 24 + 6);
  });

  it('sums tensors of any shape, including int32 and bool', async () => {
    const accumulator = new MetricAccumulator<MetricTotals>();
    const totals = totalsOf(() => ({
      matrix: tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'),
      flags: tf.tensor1d([true, false], 'bool'),
    }));
    for (let batch = 0; batch < 3; batch++) accumulator.add(totals);
    expect(await accumulator.result()).toEqual({
      matrix: { data: Float64Array.of(3, 6, 9, 12), shape: [2, 2] },
      flags: { data: Float64Array.of(3, 0), shape: [2] },
    });
  });

  it('keeps its tensors in an outer tidy, and does not dispose those of the user', async () => {
    const scalar = tf.scalar(4);
    const accumulator = new MetricAccumulator();
    tf.tidy(() =>
      accumulator.add(
        custom({ update: () => ({ sum: scalar }), result: ({ sum }) => sum?.data[0] ?? 0 }),
      ),
    );
    expect(await accumulator.result()).toBe(4);
    expect(scalar.isDisposed).toBe(false);
    scalar.dispose();
  });

  it('accepts batches during a flush', async () => {
    const accumulator = new MetricAccumulator();
    accumulator.add(sumOf(1));
    const flushing = accumulator.flush();
    accumulator.add(sumOf(2));
    const second = accumulator.flush();
    accumulator.add(sumOf(3));
    expect(await accumulator.result()).toBe(6);
    await Promise.all([flushing, second]);
  });

  it('disposes tensors that were not read', () => {
    const accumulator = new MetricAccumulator();
    accumulator.add(sumOf(1));
    accumulator.dispose();
  });

  it('disposes the tensors of an update that throws', () => {
    const accumulator = new MetricAccumulator();
    const broken = custom({
      update: () => {
        tf.zeros([3]);
        throw new Error('broken');
      },
      result: () => 0,
    });
    expect(() => accumulator.add(broken)).toThrow('broken');
  });

  it('throws when there was no batch', async () => {
    await expect(new MetricAccumulator().result()).rejects.toThrow(
      /metric: expected at least one batch, got none/,
    );
  });

  it.each<[string, () => Record<string, tf.Tensor>[], RegExp]>([
    [
      'shapes',
      () => [{ a: tf.zeros([2]) }, { a: tf.zeros([3]) }],
      /total "a".*such as float32 \[2\], got float32 \[3\]/,
    ],
    [
      'names',
      (): Record<string, tf.Tensor>[] => [{ a: tf.scalar(1) }, { b: tf.scalar(1) }],
      /total "a".*got no such total in some batches/,
    ],
    [
      'dtypes',
      () => [{ a: tf.zeros([1]) }, { a: tf.zeros([1], 'int32') }],
      /such as float32 \[1\], got int32 \[1\]/,
    ],
    ['strings', () => [{ a: tf.tensor1d(['x']) }], /such as float32, got string \[1\]/],
  ])('rejects totals that cannot be summed: %s', async (_, updates, message) => {
    const accumulator = new MetricAccumulator<MetricTotals>();
    const addAll = () =>
      tf.tidy(() => {
        for (const update of updates()) accumulator.add(totalsOf(() => update));
      });
    addAll();
    await expect(accumulator.flush()).rejects.toThrow(MetricError);
    addAll();
    await expect(accumulator.flush()).rejects.toThrow(message);
  });
});
