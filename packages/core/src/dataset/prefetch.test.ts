import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

/** Lets everything that is due in microtasks happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A dataset of 10 whose generator records what it was asked for. */
const recorded = () => {
  const asked: number[] = [];
  let isReturned = false;
  const dataset = Dataset.fromGenerator(async function* () {
    try {
      for (let x = 0; x < 10; x++) {
        asked.push(x);
        yield { x };
      }
    } finally {
      isReturned = true;
    }
  });
  return { asked, dataset, isReturned: () => isReturned };
};

describe('prefetch', () => {
  it('runs ahead of the consumer by as many elements, and no more', async () => {
    const { asked, dataset, isReturned } = recorded();
    const iterator = dataset.prefetch(3).iterate();
    tf.dispose((await iterator.next()).value);
    await settle();
    expect(asked).toEqual([0, 1, 2, 3]);
    tf.dispose((await iterator.next()).value);
    await settle();
    expect(asked).toEqual([0, 1, 2, 3, 4]);
    await iterator.return?.();
    expect(isReturned()).toBe(true);
  });

  it('overlaps an asynchronous map with its consumer', async () => {
    let started = 0;
    const dataset = Dataset.fromTensorSlices({ x: [1, 2, 3] })
      .map(async ({ x }) => {
        started += 1;
        await settle();
        return { x: tf.neg(x) };
      })
      .prefetch(1);
    const iterator = dataset.iterate();
    tf.dispose((await iterator.next()).value);
    expect(started).toBe(2);
    await settle();
    await iterator.return?.();
  });

  it('gives elements before an error, then the error', async () => {
    const dataset = Dataset.fromGenerator(async function* () {
      yield { x: 1 };
      yield { x: 2 };
      throw new Error('broken');
    }).prefetch(5);
    const values: unknown[] = [];
    const consume = async () => {
      for await (const { x } of dataset) {
        await settle();
        values.push(x.arraySync());
        x.dispose();
      }
    };
    await expect(consume()).rejects.toThrow('broken');
    expect(values).toEqual([1, 2]);
  });

  it('frees tensors that nobody asked for', async () => {
    const { dataset } = recorded();
    const iterator = dataset
      .map(async ({ x }) => ({ x: tf.neg(x) }))
      .prefetch(4)
      .iterate();
    tf.dispose((await iterator.next()).value);
    await settle();
    expect(tf.memory().numTensors).toBe(tensorsBefore + 4);
    await iterator.return?.();
  });

  it('does not touch a synchronous pipeline before it is asked', async () => {
    const asked: number[] = [];
    const dataset = Dataset.fromGenerator(function* () {
      for (let x = 0; x < 5; x++) {
        asked.push(x);
        yield { x };
      }
    }).prefetch(3);
    const iterator = dataset.iterate();
    tf.dispose((await iterator.next()).value);
    await settle();
    expect(asked).toEqual([0]);
    await iterator.return?.();
  });
});
