import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BatchSource, batchSource } from './batch-source';
import { Dataset } from './dataset';
import { DatasetError } from './dataset-error';

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

const read = async (source: BatchSource, iteration = 0) => {
  const iterator = source.iterate(iteration);
  const batches: unknown[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const { keys, tensors, dispose } = next.value;
    batches.push(Object.fromEntries(keys.map((key) => [key, tensors[key]?.arraySync()])));
    dispose();
  }
  return batches;
};

const expected = [
  { x: [[1], [2]], y: [3, 4] },
  { x: [[5], [6]], y: [7, 8] },
];

const makeBatches = () => expected.map(({ x, y }) => ({ x: tf.tensor2d(x), y: tf.tensor1d(y) }));

describe('batchSource', () => {
  it('takes our Dataset, whose order follows the iteration', async () => {
    const dataset = Dataset.fromTensorSlices({ x: [...Array(30).keys()] })
      .shuffle(30, { seed: 1 })
      .batch(30);
    const source = batchSource(dataset, 'input');
    expect(source.reiterable).toBe(true);
    const [second, third] = [await read(source, 1), await read(source, 2)];
    expect(second).not.toEqual(third);
    expect(await read(source, 1)).toEqual(second);
  });

  it("takes tfjs's own datasets", async () => {
    const dataset = tf.data.array([
      { xs: [1], ys: 3 },
      { xs: [2], ys: 4 },
      { xs: [5], ys: 7 },
    ]);
    const source = batchSource(dataset.batch(2), 'input');
    expect(source.reiterable).toBe(true);
    for (const pass of [0, 1]) {
      expect(await read(source, pass)).toEqual([
        { xs: [[1], [2]], ys: [3, 4] },
        { xs: [[5]], ys: [7] },
      ]);
    }
  });

  it.each<[string, () => unknown, boolean]>([
    ['an iterable', () => new Set(makeBatches()), true],
    [
      'an async iterable',
      () => ({
        [Symbol.asyncIterator]: async function* () {
          yield* makeBatches();
        },
      }),
      true,
    ],
    [
      'a running generator',
      () =>
        (function* () {
          yield* makeBatches();
        })(),
      false,
    ],
    [
      'a running async generator',
      () =>
        (async function* () {
          yield* makeBatches();
        })(),
      false,
    ],
    [
      'a bare iterator',
      () => {
        const it = makeBatches().values();
        return { next: () => it.next() };
      },
      false,
    ],
    [
      'a running pass over a Dataset',
      () =>
        Dataset.fromTensorSlices({ x: [[1], [2], [5], [6]], y: [3, 4, 7, 8] })
          .batch(2)
          .iterate(),
      false,
    ],
  ])('takes %s, which hands its tensors over', async (_, make, reiterable) => {
    const source = batchSource(make(), 'input');
    expect(source.reiterable).toBe(reiterable);
    expect(await read(source)).toEqual(expected);
  });

  it('says when an iterator is used up', async () => {
    const source = batchSource(makeBatches().values(), 'result of trainInputFn');
    await read(source);
    expect(() => source.iterate(1)).toThrow(
      /result of trainInputFn: expected batches for one more pass, got an iterator that an earlier pass/,
    );
  });

  it('leaves the tensors of a plain array to the user, and makes others', async () => {
    const batches = [
      {
        x: tf.tensor1d([1]),
        y: Int32Array.of(2),
        z: { data: new Uint8Array(4), shape: [1, 4], dtype: 'float32' },
        w: [[true]],
      },
    ];
    const source = batchSource(batches, 'input');
    for (const pass of [0, 1]) {
      expect(await read(source, pass)).toEqual([{ x: [1], y: [2], z: [[0, 0, 0, 0]], w: [[1]] }]);
    }
    expect(batches[0]?.x.isDisposed).toBe(false);
    batches[0]?.x.dispose();
  });

  it('names the members of tuples by position or by dataKeys', async () => {
    const tuples = [[[1], ['a']]];
    expect(await read(batchSource(tuples, 'input'))).toEqual([{ 0: [1], 1: ['a'] }]);
    const named = batchSource(tuples, 'input', { dataKeys: ['x', 'y'] });
    const { value } = await named.iterate(0).next();
    expect(value).toMatchObject({ keys: ['x', 'y'], positional: true });
    value?.dispose();
    await expect(read(batchSource(tuples, 'input', { dataKeys: ['x'] }))).rejects.toThrow(
      /input, batch 0: expected a tuple of 1, for the data keys x, got a tuple of 2/,
    );
    expect(() => batchSource(tuples, 'input', { dataKeys: ['x', 'x'] })).toThrow(DatasetError);
  });

  it('ends a pass early', async () => {
    let isReturned = false;
    const source = batchSource(
      (function* () {
        try {
          for (const { x } of expected) yield { x: tf.tensor2d(x) };
        } finally {
          isReturned = true;
        }
      })(),
      'input',
    );
    const iterator = source.iterate(0);
    const { value } = await iterator.next();
    value?.dispose();
    await iterator.return?.();
    expect(isReturned).toBe(true);
  });

  it.each([
    ['undefined', undefined, /expected a Dataset.*got undefined/],
    ['a dictionary', { x: [1] }, /got Object/],
    ['a string', 'x', /got a string/],
    ['a typed array', new Float32Array(2), /got Float32Array/],
  ])('refuses %s', (_, value, message) => {
    expect(() => batchSource(value, 'result of trainInputFn')).toThrow(DatasetError);
    expect(() => batchSource(value, 'result of trainInputFn')).toThrow(message);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'a lone tensor',
      () => tf.zeros([2]),
      /input, batch 0: expected a dictionary or a tuple of tensors.*Wrap it/,
    ],
    ['an empty dictionary', () => ({}), /at least one member, got an empty dictionary/],
    [
      'a nested dictionary',
      () => ({ x: { a: tf.zeros([2]) }, y: tf.zeros([2]) }),
      /feature "x".*got Object.*nested dictionary/,
    ],
    ['a missing value', () => ({ y: tf.zeros([2]), x: undefined }), /feature "x".*got undefined/],
  ])('refuses %s as a batch, and frees it', async (_, make, message) => {
    const source = batchSource(
      (function* () {
        yield make();
      })(),
      'input',
    );
    await expect(read(source)).rejects.toThrow(message);
  });
});
