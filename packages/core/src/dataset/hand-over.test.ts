import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Dataset } from './dataset';
import { DatasetError } from './errors';
import { InputSource } from './input-source';

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

type Row = Record<string, tf.Tensor>;
type Elements = () => Iterable<Row> | AsyncIterable<Row>;

const sourceOf = (inputFn: () => unknown) => new InputSource({ name: 'trainInputFn', inputFn });

const read = async (source: InputSource, epoch = 0) => {
  const batches: unknown[] = [];
  for await (const batch of source.batches({ epoch })) {
    batches.push(Object.fromEntries(batch.keys.map((key) => [key, batch.tensor(key).arraySync()])));
    batch.dispose();
  }
  return batches;
};

/** Each way from a function to batches of one example with the members [1]. */
const ways: readonly [string, (elements: Elements) => unknown][] = [
  ['an input function', (elements) => elements()],
  [
    'an asynchronous input function',
    async function* (elements) {
      yield* elements();
    },
  ],
  [
    'a bare iterator',
    (elements) => {
      const iterator = (elements() as Iterable<Row>)[Symbol.iterator]();
      return { next: () => iterator.next() };
    },
  ],
  ['fromGenerator()', (elements) => Dataset.fromGenerator(elements)],
  [
    'take(), skip(), concatenate() and repeat()',
    (elements) => {
      const dataset = Dataset.fromGenerator(elements);
      return dataset.take(9).skip(0).concatenate(dataset.take(0)).repeat(1);
    },
  ],
  ['shuffle()', (elements) => Dataset.fromGenerator(elements).shuffle(1, { seed: 1 })],
  [
    'prefetch()',
    (elements) =>
      Dataset.fromGenerator(async function* () {
        yield* elements();
      }).prefetch(4),
  ],
  ['map()', (elements) => Dataset.fromGenerator(elements).map((element) => element)],
  [
    'an asynchronous map()',
    (elements) =>
      Dataset.fromGenerator(elements)
        .map(async (element) => element)
        .prefetch(2),
  ],
  [
    'filter()',
    (elements) => Dataset.fromGenerator(elements).filter(({ x }) => tf.greater(tf.sum(x ?? 0), -1)),
  ],
  ['a running pass', (elements) => Dataset.fromGenerator(elements).iterate()],
];

const counted = (members: (x: tf.Tensor) => Row) =>
  function* () {
    for (let i = 0; i < 4; i++) yield members(tf.tensor1d([i]));
  };

describe.each(ways)('a tensor that is handed over twice to %s', (_, batchesOf) => {
  it('works as the same constant in each batch, created outside of the function', async () => {
    const mask = tf.tensor1d([7]);
    const source = sourceOf(() => batchesOf(counted((x) => ({ x, mask }))));
    const expected = [0, 1, 2, 3].map((i) => ({ x: [i], mask: [7] }));
    for (const epoch of [0, 1]) expect(await read(source, epoch)).toEqual(expected);
    expect(mask.isDisposed).toBe(false);
    mask.dispose();
  });

  it('works as the same constant in each batch, created by the function', async () => {
    const source = sourceOf(() =>
      batchesOf(function* () {
        const mask = tf.tensor1d([7]);
        for (let i = 0; i < 4; i++) yield { x: tf.tensor1d([i]), mask };
      }),
    );
    for (const epoch of [0, 1]) {
      expect(await read(source, epoch)).toEqual([0, 1, 2, 3].map((i) => ({ x: [i], mask: [7] })));
    }
  });

  it('works as two members of one batch', async () => {
    const source = sourceOf(() => batchesOf(counted((x) => ({ x, y: x }))));
    expect(await read(source)).toEqual([0, 1, 2, 3].map((i) => ({ x: [i], y: [i] })));
  });

  it('works as a member of this batch and the next', async () => {
    const source = sourceOf(() =>
      batchesOf(function* () {
        let x = tf.tensor1d([0]);
        for (let i = 1; i < 5; i++) {
          const y = tf.tensor1d([i]);
          yield { x, y };
          x = y;
        }
      }),
    );
    expect(await read(source)).toEqual([0, 1, 2, 3].map((i) => ({ x: [i], y: [i + 1] })));
  });

  it('works as the same batch object again, also after others', async () => {
    const source = sourceOf(() =>
      batchesOf(function* () {
        const batches = [{ x: tf.tensor1d([0]) }, { x: tf.tensor1d([1]) }];
        yield* [...batches, ...batches];
      }),
    );
    expect(await read(source)).toEqual([0, 1, 0, 1].map((i) => ({ x: [i] })));
  });

  it('works if the function disposes it later, or keeps it', async () => {
    const kept: tf.Tensor[] = [];
    const source = sourceOf(() =>
      batchesOf(function* () {
        for (let i = 0; i < 4; i++) {
          const x = tf.tensor1d([i]);
          const y = tf.keep(tf.tensor1d([i]));
          kept.push(y);
          yield { x, y };
          x.dispose();
        }
      }),
    );
    expect(await read(source)).toEqual([0, 1, 2, 3].map((i) => ({ x: [i], y: [i] })));
    expect(kept.map((tensor) => tensor.isDisposed)).toEqual([false, false, false, false]);
    tf.dispose(kept);
  });

  it('leaks nothing if the pass ends early', async () => {
    const source = sourceOf(() =>
      batchesOf(function* () {
        const mask = tf.tensor1d([7]);
        for (let i = 0; i < 4; i++) yield { x: tf.tensor1d([i]), mask };
      }),
    );
    for await (const batch of source.batches({ epoch: 0 })) {
      batch.dispose();
      break;
    }
  });

  it('is an error that names it if it was disposed', async () => {
    const source = sourceOf(() =>
      batchesOf(function* () {
        yield { x: tf.tensor1d([0]), y: tf.tensor1d([0]) };
        const y = tf.tensor1d([1]);
        y.dispose();
        yield { x: tf.tensor1d([1]), y };
      }),
    );
    await expect(read(source)).rejects.toThrow(DatasetError);
    await expect(read(source)).rejects.toThrow(
      /(batch|element) 1.*(feature|member) "y": expected a tensor in use, got a tensor that was disposed/,
    );
  });
});

describe('a tensor that is handed over twice', () => {
  it('is stacked by batch(), whatever its size', async () => {
    for (const batchSize of [1, 2, 3, 4]) {
      const mask = tf.scalar(7);
      const source = sourceOf(() =>
        Dataset.fromGenerator(function* () {
          for (let i = 0; i < 4; i++) yield { x: tf.scalar(i), mask };
        }).batch(batchSize),
      );
      const masks = (await read(source)).flatMap((batch) => (batch as { mask: number[] }).mask);
      expect(masks).toEqual([7, 7, 7, 7]);
      mask.dispose();
    }
  });

  it('may come from a function passed to map(), which chains elements', async () => {
    for (const batchSize of [1, 2, 3]) {
      const source = sourceOf(() => {
        let last: tf.Tensor | undefined;
        return Dataset.fromTensorSlices({ x: [1, 2, 3] })
          .map(({ x }) => {
            const chained = { x, last: last ?? x };
            last = x;
            return chained;
          })
          .batch(batchSize);
      });
      const batches = (await read(source)) as { x: number[]; last: number[] }[];
      expect(batches.flatMap(({ x }) => x)).toEqual([1, 2, 3]);
      expect(batches.flatMap(({ last }) => last)).toEqual([1, 1, 2]);
    }
  });

  it('may be a constant of an asynchronous function passed to map() or filter()', async () => {
    const mask = tf.scalar(7);
    const flag = tf.scalar(true, 'bool');
    const source = sourceOf(() =>
      Dataset.fromTensorSlices({ x: [1, 2, 3] })
        .map(async ({ x }) => ({ x, mask }))
        .filter(async () => flag)
        .batch(1),
    );
    for (const epoch of [0, 1]) expect(await read(source, epoch)).toHaveLength(3);
    tf.dispose([mask, flag]);
  });

  it('may be a variable', async () => {
    const weights = tf.tidy(() => tf.variable(tf.tensor1d([7])));
    const source = sourceOf(counted((x) => ({ x, weights })));
    expect(await read(source)).toHaveLength(4);
    expect(weights.isDisposed).toBe(false);
    weights.dispose();
  });

  it('reaches someone who iterates a Dataset twice, and can dispose each', async () => {
    const mask = tf.tensor1d([7]);
    const dataset = Dataset.fromGenerator(counted((x) => ({ x, mask, same: x })));
    const elements: Row[] = [];
    for await (const element of dataset) elements.push(element);
    tf.dispose(elements[0] ?? {});
    expect(elements[1]?.mask?.arraySync()).toEqual([7]);
    tf.dispose(elements);
    mask.dispose();
  });

  it('stays in use for later batches of a plain array', async () => {
    const mask = tf.tensor1d([7]);
    const batches = [0, 1, 2].map((i) => ({ x: tf.tensor1d([i]), mask, same: mask }));
    const source = sourceOf(() => batches);
    for (const epoch of [0, 1]) expect(await read(source, epoch)).toHaveLength(3);
    tf.dispose(batches);
    await expect(read(source)).rejects.toThrow(/trainInputFn, batch 0, feature "x".*was disposed/);
  });

  it('stays in use for a second pass over a tf.data.Dataset of tensors', async () => {
    const x = tf.tensor1d([1]);
    const source = sourceOf(() => tf.data.array([{ x }, { x }]));
    for (const epoch of [0, 1]) expect(await read(source, epoch)).toEqual([{ x: [1] }, { x: [1] }]);
    x.dispose();
  });
});

describe('a tensor that the pipeline has disposed', () => {
  it('is named if it is handed over again much later', async () => {
    let third: tf.Tensor | undefined;
    const source = sourceOf(function* () {
      for (let i = 0; i < 6; i++) {
        const x = tf.tensor1d([i]);
        if (i === 2) third = x;
        yield { x, y: i < 5 ? x : (third ?? x) };
      }
    });
    await expect(read(source)).rejects.toThrow(
      'trainInputFn, batch 5, feature "y": expected a tensor in use, got a tensor that was disposed. A tensor that is handed over is disposed once an element without it follows. To use it longer, pass it to tf.keep(), create it before the function is called, or hand over a clone().',
    );
  });

  it('is named if a function passed to filter() disposed it', async () => {
    const source = sourceOf(() =>
      Dataset.fromGenerator(counted((x) => ({ x }))).filter(({ x }) => {
        x?.dispose();
        return true;
      }),
    );
    await expect(read(source)).rejects.toThrow(
      /filter\(\), element 0, member "x".*must not dispose the tensors of its element/,
    );
  });

  it('is named as a column', () => {
    const x = tf.tensor1d([1]);
    x.dispose();
    expect(() => Dataset.fromTensorSlices({ x })).toThrow(/column "x".*was disposed/);
  });
});

describe('tensors that an input function creates, but does not hand over', () => {
  it('are disposed once it has returned other data, except those of the first call', async () => {
    const dataset = (x: tf.Tensor) => Dataset.fromTensorSlices({ x }).batch(2);
    const array = (x: tf.Tensor) => [{ x }, { x }];
    for (const dataOf of [dataset, array]) {
      const created: tf.Tensor[] = [];
      const source = sourceOf(() => {
        const x = tf.tensor1d([1, 2]);
        created.push(x);
        return dataOf(x);
      });
      for (let epoch = 0; epoch < 4; epoch++) await read(source, epoch);
      expect(created.map((tensor) => tensor.isDisposed)).toEqual([false, true, true, false]);
      tf.dispose(created);
    }
  });

  it('stay in use if the function remembers them', async () => {
    let data: tf.Tensor | undefined;
    const source = sourceOf(() => {
      data ??= tf.tensor1d([1, 2]);
      return Dataset.fromTensorSlices({ x: data }).batch(2);
    });
    for (let epoch = 0; epoch < 3; epoch++) expect(await read(source, epoch)).toHaveLength(1);
    data?.dispose();
  });
});
