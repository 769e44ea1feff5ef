import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Dataset } from './dataset';
import { DatasetError } from './errors';
import { InputSource, type InputSourceOptions } from './input-source';

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

const sourceOf = (inputFn: () => unknown, options?: Partial<InputSourceOptions>) =>
  new InputSource({ name: 'trainInputFn', inputFn, ...options });

const read = async (source: InputSource, epoch = 0, skip = 0) => {
  const values: unknown[] = [];
  for await (const batch of source.batches({ epoch, skip })) {
    values.push(batch.tensor('x').arraySync());
    batch.dispose();
  }
  return values;
};

const dataset = () => Dataset.fromTensorSlices({ x: [1, 2, 3, 4, 5] });

describe('InputSource', () => {
  it('calls the function once per epoch, whatever it returns', async () => {
    let calls = 0;
    const source = sourceOf(async () => {
      calls += 1;
      return dataset().shuffle(5, { seed: 1 }).batch(2);
    });
    const epochs = [await read(source, 0), await read(source, 1)];
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(await read(source, 1, 2)).toEqual(epochs[1]?.slice(2));
    expect(calls).toBe(3);
  });

  it('sees data that the function draws anew', async () => {
    let drawn = 0;
    const source = sourceOf(() => {
      drawn += 1;
      return Dataset.fromTensorSlices({ x: [drawn] }).batch(1);
    });
    expect([await read(source), await read(source)]).toEqual([[[1]], [[2]]]);
  });

  it('calls the function for each epoch if its result is a generator', async () => {
    let calls = 0;
    const source = sourceOf(function* () {
      calls += 1;
      yield { x: tf.tensor1d([calls]) };
    });
    expect([await read(source), await read(source)]).toEqual([[[1]], [[2]]]);
  });

  it('uploads nothing until a tensor is asked for', async () => {
    const source = sourceOf(() => dataset().batch(2));
    for await (const batch of source.batches({ epoch: 0 })) {
      expect(batch.host('x')?.shape).toEqual([batch.size]);
      expect(tf.memory().numTensors).toBe(tensorsBefore);
    }
  });

  it('checks every batch against the signature once it is set', async () => {
    const source = sourceOf(function* () {
      yield { x: tf.zeros([2, 3]) };
      yield { x: tf.zeros([1, 3]) };
      yield { x: tf.zeros([2, 4]) };
    });
    await read(source);
    source.signature = { x: { dtype: 'float32', shape: [null, 3] } };
    await expect(read(source)).rejects.toThrow(
      'trainInputFn, batch 2, feature "x": expected float32 [null,3], got float32 [2,4].',
    );
    await expect(read(source, 0, 1)).rejects.toThrow('trainInputFn, batch 2');
  });

  it('accepts batches that lack features only with `allowMissing`', async () => {
    const signature = {
      x: { dtype: 'float32', shape: [null] },
      y: { dtype: 'float32', shape: [null] },
    } as const;
    const inputFn = () => [{ x: [1] }];
    await expect(read(sourceOf(inputFn, { signature }))).rejects.toThrow(
      'trainInputFn, batch 0: expected the features x, y, got x.',
    );
    const partial = { signature, allowMissing: true };
    expect(await read(sourceOf(inputFn, partial))).toEqual([[1]]);
    await expect(read(sourceOf(() => [{ x: [1], z: [2] }], partial))).rejects.toThrow(
      'expected only the features x, y, got x, z.',
    );
  });

  it('rejects an empty epoch, unless its batches were skipped', async () => {
    await expect(read(sourceOf(() => []))).rejects.toThrow(
      'trainInputFn: expected at least one batch, got an empty dataset.',
    );
    const source = sourceOf(() => dataset().batch(5));
    expect(await read(source, 0, 1)).toEqual([]);
  });

  it('frees what was fetched ahead when an epoch ends early', async () => {
    const source = sourceOf(() =>
      dataset()
        .batch(1)
        .map(async ({ x }) => ({ x: tf.neg(x) }))
        .prefetch(2),
    );
    for await (const batch of source.batches({ epoch: 0 })) {
      batch.dispose();
      break;
    }
  });

  it('throws the error of the function, and then ends', async () => {
    const batches = sourceOf(() => {
      throw new RangeError('broken');
    }).batches({ epoch: 0 });
    await expect(batches.next()).rejects.toThrow(new RangeError('broken'));
    expect(await batches.next()).toEqual({ done: true, value: undefined });
    await expect(read(sourceOf(() => 5))).rejects.toThrow(DatasetError);
  });
});
