import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
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

const sourceOf = (inputFn: () => unknown, name = 'trainInputFn') =>
  new InputSource({ name, inputFn });

const read = async (source: InputSource, epoch = 0, skip = 0) => {
  const values: unknown[] = [];
  for await (const batch of source.batches({ epoch, skip })) {
    values.push(batch.tensor('x').arraySync());
    batch.dispose();
  }
  return values;
};

const peek = async (source: InputSource, epoch = 0) => {
  const batch = await source.peek(epoch);
  const value = batch.tensor('x').arraySync();
  batch.dispose();
  return value;
};

const batches = function* () {
  for (const value of [1, 2, 3]) yield { x: tf.tensor1d([value]) };
};

const oneShots: readonly [string, () => unknown, RegExp][] = [
  ['a running generator', batches, /generator or iterator/],
  [
    'a running asynchronous generator',
    async function* () {
      yield* batches();
    },
    /generator or iterator/,
  ],
  ["an array's iterator", () => [[1], [2], [3]].map((x) => ({ x })).values(), /iterator/],
  [
    'a bare iterator',
    () => {
      const iterator = batches();
      return { next: () => iterator.next() };
    },
    /iterator/,
  ],
  [
    'a pass over a Dataset',
    () =>
      Dataset.fromTensorSlices({ x: [1, 2, 3] })
        .batch(1)
        .iterate(),
    /generator or iterator/,
  ],
  ['a Readable', () => Readable.from(batches()), /stream/],
  [
    'a web stream',
    () => {
      // It reads ahead from its construction on, so tensors would stay the user's.
      const iterator = [[1], [2], [3]].map((x) => ({ x })).values();
      return new ReadableStream({
        pull: (controller) => {
          const { done, value } = iterator.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      });
    },
    /stream/,
  ],
];

describe.each(oneShots)('%s', (_, make, noun) => {
  it('is read completely after a look at its first batch', async () => {
    const data = make();
    const source = sourceOf(() => data);
    expect(await peek(source)).toEqual([1]);
    expect(await read(source)).toEqual([[1], [2], [3]]);
  });

  it('is not read again, and the error names the input function', async () => {
    const data = make();
    const source = sourceOf(() => data);
    await read(source);
    for (const again of [source, sourceOf(() => data, 'inputFn of predict()')]) {
      const reading = read(again);
      await expect(reading).rejects.toThrow(DatasetError);
      await expect(reading).rejects.toThrow(again.name);
      await expect(reading).rejects.toThrow(/that trainInputFn has already read/);
      await expect(reading).rejects.toThrow(noun);
      await expect(reading).rejects.toThrow(/inside the function, or return a Dataset/);
    }
  });

  it('can not be read by two', async () => {
    const data = make();
    const source = sourceOf(() => data);
    await peek(source);
    await expect(read(sourceOf(() => data, 'validationInputFn'))).rejects.toThrow(
      /validationInputFn: .* that trainInputFn is reading/,
    );
    expect(await read(source)).toEqual([[1], [2], [3]]);
  });

  it('is new in each call of a function that creates it', async () => {
    const source = sourceOf(make);
    await peek(source);
    for (const epoch of [0, 1]) expect(await read(source, epoch)).toEqual([[1], [2], [3]]);
  });

  it('skips batches after a look at the first one', async () => {
    const source = sourceOf(make);
    await peek(source);
    expect(await read(source, 4, 2)).toEqual([[3]]);
  });

  it('is an error in the second epoch of fromGenerator()', async () => {
    const data = make() as Iterable<{ x: tf.Tensor }>;
    if (!(Symbol.iterator in data || Symbol.asyncIterator in data)) return;
    const source = sourceOf(() => Dataset.fromGenerator(() => data).repeat(2));
    await expect(read(source)).rejects.toThrow(/fromGenerator\(fn\): .*has already read/);
  });
});

describe('a source that is abandoned', () => {
  const recorded = () => {
    const events: string[] = [];
    const inputFn = function* () {
      events.push('called');
      try {
        yield* batches();
      } finally {
        events.push('returned');
      }
    };
    return { events, inputFn };
  };

  it('is closed when nothing follows a look at its first batch', async () => {
    const { events, inputFn } = recorded();
    const source = sourceOf(inputFn);
    await peek(source);
    expect(events).toEqual(['called']);
    await source.close();
    expect(events).toEqual(['called', 'returned']);
    await source.close();
    expect(events).toHaveLength(2);
  });

  it('is closed when another look follows, a batch is unusable, or a pass ends early', async () => {
    const { events, inputFn } = recorded();
    const source = sourceOf(inputFn);
    await peek(source);
    await peek(source);
    for await (const batch of source.batches({ epoch: 0 })) {
      batch.dispose();
      break;
    }
    expect(events).toEqual(['called', 'returned', 'called', 'returned']);
    source.signature = { y: { dtype: 'float32', shape: [null] } };
    await expect(source.peek(0)).rejects.toThrow('expected the features y, got x');
    expect(events).toHaveLength(6);
  });

  it('continues where it was if it is an iterator without return()', async () => {
    let value = 0;
    const endless = { next: () => ({ done: false, value: { x: [value++] } }) };
    const source = sourceOf(() => endless);
    for (const expected of [0, 1]) {
      for await (const batch of source.batches({ epoch: expected })) {
        expect(batch.tensor('x').arraySync()).toEqual([expected]);
        batch.dispose();
        break;
      }
    }
  });

  it('was destroyed or read by someone else', async () => {
    const stream = Readable.from([{ x: [1] }]);
    stream.destroy();
    await expect(read(sourceOf(() => stream))).rejects.toThrow('got a stream that has ended');
    const generator = [{ x: [1] }].values();
    generator.next();
    await expect(read(sourceOf(() => generator))).rejects.toThrow(
      /got an iterator or a stream without elements. If it was read before, start a new one/,
    );
  });
});

describe('a look at the first batch of a Dataset', () => {
  const dataset = (seen: number[]) =>
    Dataset.fromGenerator(function* (epoch) {
      for (let i = 0; i < 6; i++) {
        seen.push(epoch * 10 + i);
        yield { x: i };
      }
    })
      .shuffle(4, { seed: 1 })
      .batch(2);

  it('computes no element twice, and fills the shuffle buffer once', async () => {
    const seen: number[] = [];
    let calls = 0;
    const source = sourceOf(() => {
      calls += 1;
      return dataset(seen);
    });
    const first = await peek(source);
    const all = await read(source);
    expect(all[0]).toEqual(first);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(calls).toBe(1);
    expect(await read(sourceOf(() => dataset([])))).toEqual(all);
  });

  it('is repeated for another epoch, with the order of that one', async () => {
    const seen: number[] = [];
    let calls = 0;
    const source = sourceOf(() => {
      calls += 1;
      return dataset(seen);
    });
    await peek(source);
    const expected = await read(
      sourceOf(() => dataset([])),
      3,
    );
    expect(await read(source, 3)).toEqual(expected);
    expect(calls).toBe(1);
    await peek(source, 3);
    expect(await read(source, 3, 1)).toEqual(expected.slice(1));
  });

  it('uploads what it uses, and keeps only host memory for the pass', async () => {
    const source = sourceOf(() => Dataset.fromTensorSlices({ x: [1, 2, 3, 4] }).batch(2));
    const batch = await source.peek(0);
    batch.tensors();
    expect(tf.memory().numTensors).toBe(tensorsBefore + 1);
    batch.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    expect(await read(source)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});
