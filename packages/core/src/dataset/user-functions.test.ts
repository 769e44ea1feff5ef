import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { Dataset } from './dataset';

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

const rows = () => Dataset.fromTensorSlices({ x: [1, 2, 3, 4], y: Int32Array.of(5, 6, 7, 8) });

const consume = async (elements: AsyncIterable<Record<string, tf.Tensor>>) => {
  const values: Record<string, unknown>[] = [];
  for await (const element of elements) {
    values.push(
      Object.fromEntries(Object.entries(element).map(([key, tensor]) => [key, tensor.arraySync()])),
    );
    tf.dispose(element);
  }
  return values;
};

describe('map', () => {
  it('frees intermediate tensors, and keeps an input that the function returns', async () => {
    const dataset = rows()
      .batch(2)
      .map(({ x, y }) => ({ scaled: tf.add(tf.mul(x, 10), 1), y }));
    expectTypeOf(dataset).toEqualTypeOf<Dataset<{ scaled: tf.Tensor; y: tf.Tensor }>>();
    expect(await consume(dataset)).toEqual([
      { scaled: [11, 21], y: [5, 6] },
      { scaled: [31, 41], y: [7, 8] },
    ]);
  });

  it('turns dictionaries into tuples', async () => {
    const pairs = rows().map(({ x, y }): [tf.Tensor, tf.Tensor] => [y, x]);
    for await (const [y, x] of pairs.take(1)) {
      expect([y.arraySync(), x.arraySync()]).toEqual([5, 1]);
      tf.dispose([x, y]);
    }
  });

  it('copies a tensor that comes from outside the pipeline', async () => {
    const rate = tf.scalar(0.5);
    expect(await consume(rows().map(({ x }) => ({ x, rate })))).toHaveLength(4);
    expect(rate.arraySync()).toBe(0.5);
    rate.dispose();
  });

  it('accepts an asynchronous function', async () => {
    const dataset = rows().map(async ({ x, y }) => {
      const doubled = tf.mul(x, 2);
      const [value = 0] = await doubled.data();
      doubled.dispose();
      return { x: tf.scalar(value), y };
    });
    expect((await consume(dataset)).map(({ x }) => x)).toEqual([2, 4, 6, 8]);
  });

  it('accepts a plain function that returns a promise', async () => {
    const negate = async (x: tf.Tensor) => ({ x: tf.neg(x) });
    expect(await consume(rows().map(({ x }) => negate(x)))).toHaveLength(4);
  });

  it.each([
    [
      'synchronously',
      (): { x: tf.Tensor } => {
        tf.zeros([3]);
        throw new Error('broken');
      },
    ],
    [
      'asynchronously',
      async (): Promise<{ x: tf.Tensor }> => {
        await null;
        throw new Error('broken');
      },
    ],
  ])('leaks nothing if the function throws %s', async (_, fn) => {
    await expect(consume(rows().map(fn))).rejects.toThrow('broken');
    const doubled = rows().map(({ x, y }) => ({ x: tf.mul(x, 2), y }));
    await expect(consume(doubled.shuffle(3).batch(2).map(fn))).rejects.toThrow('broken');
  });

  it.each([
    [
      'a single tensor',
      ({ x }: { x: tf.Tensor }) => tf.neg(x),
      /result of the function passed to map\(\).*Wrap it/,
    ],
    ['undefined', () => undefined, /expected a dictionary or a tuple of tensors, got undefined/],
    [
      'a number',
      ({ x }: { x: tf.Tensor }) => ({ z: tf.neg(x), x: 5 }),
      /member "x": expected a tensor, got a number/,
    ],
  ])('rejects %s as a result', async (_, fn, message) => {
    await expect(consume(rows().map(fn as never))).rejects.toThrow(message);
  });
});

describe('filter', () => {
  it('accepts booleans, tensors and promises', async () => {
    const xs = async (dataset: Dataset<{ x: tf.Tensor; y: tf.Tensor }>) =>
      (await consume(dataset)).map(({ x }) => x);
    expect(await xs(rows().filter(({ x }) => (x.dataSync()[0] ?? 0) > 2))).toEqual([3, 4]);
    expect(await xs(rows().filter(({ x }) => tf.greater(x, 2)))).toEqual([3, 4]);
    const even = async ({ x }: { x: tf.Tensor }) => ((await x.data())[0] ?? 0) % 2 === 0;
    expect(await xs(rows().filter(even).batch(2))).toEqual([[2, 4]]);
    expect(
      await xs(
        rows()
          .map((element) => element)
          .filter(even),
      ),
    ).toEqual([2, 4]);
  });

  it('leaks nothing if the predicate throws', async () => {
    const broken = () => {
      tf.zeros([3]);
      throw new Error('broken');
    };
    await expect(consume(rows().filter(broken))).rejects.toThrow('broken');
    const mapped = rows().map(({ x, y }) => ({ x: tf.neg(x), y }));
    await expect(consume(mapped.filter(broken))).rejects.toThrow('broken');
    await expect(consume(mapped.filter(async () => broken()))).rejects.toThrow('broken');
  });

  it('rejects any other result', async () => {
    await expect(
      consume(
        rows()
          .batch(2)
          .filter(({ x }) => tf.greater(x, 1)),
      ),
    ).rejects.toThrow(
      /expected a boolean, or a tensor with one value, got a tensor of shape \[2\]/,
    );
    await expect(consume(rows().filter(() => 1 as never))).rejects.toThrow(/got a number/);
  });
});
