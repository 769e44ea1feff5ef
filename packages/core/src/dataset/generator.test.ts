import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Dataset } from './dataset';
import { DatasetError } from './errors';
import type { GeneratorOptions } from './generator';

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

const read = async (dataset: Dataset<Record<string, tf.Tensor>>) => {
  const elements: Record<string, unknown>[] = [];
  for await (const element of dataset) {
    elements.push(
      Object.fromEntries(
        Object.entries(element).map(([key, t]) => [key, [t.dtype, t.arraySync()]]),
      ),
    );
    tf.dispose(element);
  }
  return elements;
};

describe('fromGenerator', () => {
  it('accepts numbers, booleans, strings, arrays and tensors, and batches them', async () => {
    const dataset = Dataset.fromGenerator(function* () {
      for (let i = 0; i < 3; i++) {
        yield { n: i, b: i > 0, s: `${i}`, a: [i, i], t: Int32Array.of(i), x: tf.scalar(i) };
      }
    });
    expect(dataset.size).toBeUndefined();
    expect((await read(dataset))[1]).toEqual({
      n: ['float32', 1],
      b: ['bool', 1],
      s: ['string', '1'],
      a: ['float32', [1, 1]],
      t: ['int32', [1]],
      x: ['float32', 1],
    });
    expect(await read(dataset.batch(2))).toEqual([
      {
        n: ['float32', [0, 1]],
        b: ['bool', [0, 1]],
        s: ['string', ['0', '1']],
        a: [
          'float32',
          [
            [0, 0],
            [1, 1],
          ],
        ],
        t: ['int32', [[0], [1]]],
        x: ['float32', [0, 1]],
      },
      {
        n: ['float32', [2]],
        b: ['bool', [1]],
        s: ['string', ['2']],
        a: ['float32', [[2, 2]]],
        t: ['int32', [[2]]],
        x: ['float32', [2]],
      },
    ]);
  });

  it('copies values, so that a generator may reuse an array', async () => {
    const dataset = Dataset.fromGenerator(function* () {
      const shared = new Float32Array(1);
      for (let i = 0; i < 3; i++) yield { x: shared.fill(i) };
    });
    expect(await read(dataset.batch(3))).toEqual([{ x: ['float32', [[0], [1], [2]]] }]);
  });

  it('passes the number of the epoch to the generator', async () => {
    const dataset = Dataset.fromGenerator(async function* (epoch) {
      yield [epoch];
    }).repeat(2);
    const epochs: unknown[] = [];
    for (const _ of [1, 2]) {
      for await (const [epoch] of dataset) {
        epochs.push(epoch?.arraySync());
        epoch?.dispose();
      }
    }
    expect(epochs).toEqual([0, 1, 2, 3]);
  });

  it('converts to the declared dtypes, and knows its spec', async () => {
    const dataset = Dataset.fromGenerator(
      function* () {
        yield { x: [1, 2], y: 3 };
      },
      { dtypes: { x: 'float32', y: 'int32' }, shapes: { x: [null], y: [] } },
    );
    expect(dataset.batch(4).elementSpec).toEqual({
      x: { dtype: 'float32', shape: [null, null] },
      y: { dtype: 'int32', shape: [null] },
    });
    expect(await read(dataset)).toEqual([{ x: ['float32', [1, 2]], y: ['int32', 3] }]);
  });

  it.each<[string, unknown, GeneratorOptions, RegExp]>([
    [
      'another shape',
      { x: [1, 2, 3] },
      { shapes: { x: [2] } },
      /member "x": expected float32 \[2\], got float32 \[3\]/,
    ],
    [
      'another dtype',
      { x: 'a' },
      { dtypes: { x: 'float32' } },
      /expected float32, got string \[\]/,
    ],
    [
      'a missing member',
      { y: 1 },
      { dtypes: { x: 'float32' } },
      /expected a member "x".*got the members y/,
    ],
    [
      'a single value',
      5,
      {},
      /element 0 of the generator: expected a dictionary or a tuple of tensors, got a number/,
    ],
    ['a nested dictionary', { x: { y: 1 } }, {}, /member "x".*nested dictionary/],
  ])('rejects %s', async (_, element, options, message) => {
    const dataset = Dataset.fromGenerator(() => [element] as never, options);
    await expect(read(dataset as never)).rejects.toThrow(DatasetError);
    await expect(read(dataset as never)).rejects.toThrow(message);
  });

  it('frees tensors that were yielded next to an invalid member', async () => {
    const dataset = Dataset.fromGenerator(() => [{ x: tf.scalar(1), y: 2 }], {
      shapes: { y: [3] },
    });
    await expect(read(dataset as never)).rejects.toThrow(DatasetError);
    const unusable = Dataset.fromGenerator(() => [{ x: tf.scalar(1), y: undefined as never }]);
    await expect(read(unusable)).rejects.toThrow(/member "y".*got undefined/);
  });

  it('pulls no more than is taken, and then returns the generator', async () => {
    const pulled: number[] = [];
    const dataset = Dataset.fromGenerator(function* () {
      try {
        for (let x = 0; ; x++) {
          pulled.push(x);
          yield { x };
        }
      } finally {
        pulled.push(-1);
      }
    });
    expect(await read(dataset.skip(1).take(2))).toHaveLength(2);
    expect(pulled).toEqual([0, 1, 2, -1]);
  });

  it('rejects a function that does not return an iterable', async () => {
    await expect(read(Dataset.fromGenerator((() => 5) as never) as never)).rejects.toThrow(
      /fromGenerator\(fn\): expected a function that returns a sync or async iterable, got a number/,
    );
  });
});
