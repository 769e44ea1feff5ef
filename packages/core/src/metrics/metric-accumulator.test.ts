import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { custom } from './custom';
import { MetricAccumulator } from './metric-accumulator';
import { MetricError } from './metric-error';

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

describe('MetricAccumulator', () => {
  it('adds up in float64', async () => {
    const accumulator = new MetricAccumulator();
    accumulator.add(sumOf(2 ** 24));
    for (let batch = 0; batch < 5; batch++) accumulator.add(sumOf(1));
    await accumulator.flush();
    accumulator.add(sumOf(1));
    expect(await accumulator.result()).toBe(2 ** 24 + 6);
  });

  it('adds tensors of any shape, int32 and bool too', async () => {
    const accumulator = new MetricAccumulator<unknown>((totals) => totals);
    for (let batch = 0; batch < 3; batch++) {
      accumulator.addTensors({
        matrix: tf.tensor2d(
          [
            [1, 2],
            [3, 4],
          ],
          [2, 2],
          'int32',
        ),
        flags: tf.tensor1d([true, false], 'bool'),
      });
    }
    expect(await accumulator.result()).toEqual({
      matrix: { data: Float64Array.of(3, 6, 9, 12), shape: [2, 2] },
      flags: { data: Float64Array.of(3, 0), shape: [2] },
    });
  });

  it('keeps its tensors through a tidy around it, and leaves the user theirs', async () => {
    const mine = tf.scalar(4);
    const accumulator = new MetricAccumulator();
    tf.tidy(() =>
      accumulator.add(
        custom({ update: () => ({ sum: mine }), result: ({ sum }) => sum?.data[0] ?? 0 }),
      ),
    );
    expect(await accumulator.result()).toBe(4);
    expect(mine.isDisposed).toBe(false);
    mine.dispose();
  });

  it('takes batches while it flushes', async () => {
    const accumulator = new MetricAccumulator();
    accumulator.add(sumOf(1));
    const flushing = accumulator.flush();
    accumulator.add(sumOf(2));
    const second = accumulator.flush();
    accumulator.add(sumOf(3));
    expect(await accumulator.result()).toBe(6);
    await Promise.all([flushing, second]);
  });

  it('frees what it did not read', () => {
    const accumulator = new MetricAccumulator();
    accumulator.add(sumOf(1));
    accumulator.dispose();
  });

  it('frees what an update made before it threw', () => {
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

  it('has no result without a batch', async () => {
    await expect(new MetricAccumulator().result()).rejects.toThrow(
      /metric: expected at least one batch, got none/,
    );
  });

  it.each<[string, () => Record<string, tf.Tensor>[], RegExp]>([
    [
      'shapes',
      () => [{ a: tf.zeros([2]) }, { a: tf.zeros([3]) }],
      /total "a".*as float32 \[2\], got float32 \[3\]/,
    ],
    [
      'names',
      (): Record<string, tf.Tensor>[] => [{ a: tf.scalar(1) }, { b: tf.scalar(1) }],
      /total "a".*got none in some batch/,
    ],
    ['dtypes', () => [{ a: tf.tensor1d(['x']) }], /got string \[1\]/],
  ])('refuses totals that do not add up: %s', async (_, make, message) => {
    const accumulator = new MetricAccumulator<number>(() => 0);
    for (const update of make()) accumulator.addTensors(update);
    await expect(accumulator.flush()).rejects.toThrow(MetricError);
    for (const update of make()) accumulator.addTensors(update);
    await expect(accumulator.flush()).rejects.toThrow(message);
  });
});
