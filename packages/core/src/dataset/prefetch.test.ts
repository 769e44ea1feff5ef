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

/** Waits until all pending microtasks have run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A dataset of ten elements whose generator records how far it was pulled. */
const recorded = () => {
  const pulled: number[] = [];
  let isReturned = false;
  const dataset = Dataset.fromGenerator(async function* () {
    try {
      for (let x = 0; x < 10; x++) {
        pulled.push(x);
        yield { x };
      }
    } finally {
      isReturned = true;
    }
  });
  return { pulled, dataset, isReturned: () => isReturned };
};

describe('prefetch', () => {
  it('fetches exactly `bufferSize` elements ahead', async () => {
    const { pulled, dataset, isReturned } = recorded();
    const iterator = dataset.prefetch(3).iterate();
    tf.dispose((await iterator.next()).value);
    await settle();
    expect(pulled).toEqual([0, 1, 2, 3]);
    tf.dispose((await iterator.next()).value);
    await settle();
    expect(pulled).toEqual([0, 1, 2, 3, 4]);
    await iterator.return?.();
    expect(isReturned()).toBe(true);
  });

  it('runs an asynchronous map() while the consumer works', async () => {
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

  it('yields the elements before an error, then throws it', async () => {
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

  it('frees elements that were fetched but not consumed', async () => {
    const { dataset } = recorded();
    const iterator = dataset
      .map(async ({ x }) => ({ x: tf.neg(x) }))
      .prefetch(4)
      .iterate();
    tf.dispose((await iterator.next()).value);
    await settle();
    // Four in the buffer, and what map() returned last.
    expect(tf.memory().numTensors).toBe(tensorsBefore + 5);
    await iterator.return?.();
  });

  it('does not pull a synchronous pipeline ahead', async () => {
    const pulled: number[] = [];
    const dataset = Dataset.fromGenerator(function* () {
      for (let x = 0; x < 5; x++) {
        pulled.push(x);
        yield { x };
      }
    }).prefetch(3);
    const iterator = dataset.iterate();
    tf.dispose((await iterator.next()).value);
    await settle();
    expect(pulled).toEqual([0]);
    await iterator.return?.();
  });
});
