import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BatchSource, batchSource } from './batch-source';
import { Dataset } from './dataset';
import { DatasetError } from './errors';

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

const read = async (source: BatchSource, epoch = 0, skip = 0) => {
  const stage = await source.open({ epoch, skip });
  const batches: unknown[] = [];
  try {
    for (let batch = await stage.next(); batch; batch = await stage.next()) {
      const { keys } = batch;
      const values = keys.map((key) => [key, batch?.tensor(key).arraySync()]);
      batches.push(Object.fromEntries(values));
      batch.dispose();
    }
  } finally {
    await stage.close();
  }
  return batches;
};

const expected = [
  { x: [[1], [2]], y: [3, 4] },
  { x: [[5], [6]], y: [7, 8] },
];

const makeBatches = () => expected.map(({ x, y }) => ({ x: tf.tensor2d(x), y: tf.tensor1d(y) }));

describe('batchSource', () => {
  it('accepts a Dataset, whose order depends on the epoch', async () => {
    const dataset = Dataset.fromTensorSlices({ x: [...Array(30).keys()] })
      .shuffle(30, { seed: 1 })
      .batch(30);
    const source = batchSource(dataset, 'input');
    expect(source.isReiterable).toBe(true);
    const [second, third] = [await read(source, 1), await read(source, 2)];
    expect(second).not.toEqual(third);
    expect(await read(source, 1)).toEqual(second);
  });

  it('accepts datasets of tfjs', async () => {
    const dataset = tf.data.array([
      { xs: [1], ys: 3 },
      { xs: [2], ys: 4 },
      { xs: [5], ys: 7 },
    ]);
    const source = batchSource(dataset.batch(2), 'input');
    expect(source.isReiterable).toBe(true);
    for (const epoch of [0, 1]) {
      expect(await read(source, epoch)).toEqual([
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
  ])('accepts %s, and takes over its tensors', async (_, make, reiterable) => {
    const source = batchSource(make(), 'input');
    expect(source.isReiterable).toBe(reiterable);
    expect(await read(source)).toEqual(expected);
  });

  it('copies typed arrays, since an iterator may fill them again', async () => {
    const shared = new Float32Array(1);
    const source = batchSource(
      (function* () {
        for (const value of [1, 2]) yield { x: shared.fill(value) };
      })(),
      'input',
    );
    const stage = await source.open({ epoch: 0, skip: 0 });
    const batches = [await stage.next(), await stage.next()];
    expect(batches.map((batch) => batch?.tensor('x').arraySync())).toEqual([[1], [2]]);
    for (const batch of batches) batch?.dispose();
  });

  it.each<[string, () => unknown]>([
    [
      'a Dataset',
      () => Dataset.fromTensorSlices({ x: [[1], [2], [5], [6]], y: [3, 4, 7, 8] }).batch(2),
    ],
    ['an iterable', () => new Set(makeBatches())],
    ['a running generator', () => makeBatches().values()],
    [
      'a bare asynchronous iterator',
      () => {
        const iterator = makeBatches().values();
        return { next: async () => iterator.next() };
      },
    ],
  ])('skips batches of %s, and disposes them', async (_, make) => {
    for (const skip of [0, 1, 2, 3]) {
      expect(await read(batchSource(make(), 'input'), 0, skip)).toEqual(expected.slice(skip));
    }
  });

  it('skips batches of a plain array without disposing them', async () => {
    const batches = makeBatches();
    expect(await read(batchSource(batches, 'input'), 0, 1)).toEqual(expected.slice(1));
    tf.dispose(batches);
  });

  it('does not dispose the tensors in a plain array, but those that it creates', async () => {
    const batches = [
      {
        x: tf.tensor1d([1]),
        y: Int32Array.of(2),
        z: { data: new Uint8Array(4), shape: [1, 4], dtype: 'float32' },
        w: [[true]],
      },
    ];
    const source = batchSource(batches, 'input');
    for (const epoch of [0, 1]) {
      expect(await read(source, epoch)).toEqual([{ x: [1], y: [2], z: [[0, 0, 0, 0]], w: [[1]] }]);
    }
    expect(batches[0]?.x.isDisposed).toBe(false);
    batches[0]?.x.dispose();
  });

  it('names the members of tuples by position or by dataKeys', async () => {
    const tuples = [[[1], ['a']]];
    expect(await read(batchSource(tuples, 'input'))).toEqual([{ 0: [1], 1: ['a'] }]);
    const named = batchSource(tuples, 'input', { dataKeys: ['x', 'y'] });
    const batch = await (await named.open({ epoch: 0, skip: 0 })).next();
    expect(batch).toMatchObject({ keys: ['x', 'y'], positional: true });
    batch?.dispose();
    await expect(read(batchSource(tuples, 'input', { dataKeys: ['x'] }))).rejects.toThrow(
      /input, batch 0: expected a tuple of 1, for the data keys x, got a tuple of 2/,
    );
    expect(() => batchSource(tuples, 'input', { dataKeys: ['x', 'x'] })).toThrow(DatasetError);
  });

  it('ends an epoch early', async () => {
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
    const stage = await source.open({ epoch: 0, skip: 0 });
    (await stage.next())?.dispose();
    await stage.close();
    expect(isReturned).toBe(true);
  });

  it.each([
    ['undefined', undefined, /expected a Dataset.*got undefined/],
    ['a dictionary', { x: [1] }, /got Object/],
    ['a string', 'x', /got a string/],
    ['a typed array', new Float32Array(2), /got Float32Array/],
  ])('rejects %s', (_, value, message) => {
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
  ])('rejects %s as a batch, and frees it', async (_, make, message) => {
    const source = batchSource(
      (function* () {
        yield make();
      })(),
      'input',
    );
    await expect(read(source)).rejects.toThrow(message);
  });
});
