import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, type ElementBatchOptions } from './batch';
import { elementOf } from './element';

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

const make = (features: unknown, options?: ElementBatchOptions) =>
  batchOf(elementOf(features, 'input'), 'input', options);

describe('Batch', () => {
  it('describes its features without uploading them', () => {
    const batch = make({ rate: 0.5, x: new Float32Array(6), y: [[1], [2]] });
    expect([batch.keys, batch.positional, batch.size]).toEqual([['rate', 'x', 'y'], false, 6]);
    expect(batch.spec('y')).toEqual({ dtype: 'float32', shape: [2, 1] });
    expect(batch.host('x')?.data).toEqual(new Float32Array(6));
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    expect(make({ rate: 0.5 }).size).toBe(1);
  });

  it('uploads a feature at the first call, once', () => {
    const batch = make({ x: [1, 2], y: [3, 4] });
    const tensor = batch.tensor('x');
    expect(tensor.arraySync()).toEqual([1, 2]);
    expect(batch.tensor('x')).toBe(tensor);
    expect(tf.memory().numTensors).toBe(tensorsBefore + 1);
    expect(Object.keys(batch.tensors())).toEqual(['x', 'y']);
    expect(batch.tensors().x).toBe(tensor);
    expect(batch.host('x')?.data).toEqual(Float32Array.of(1, 2));
    batch.dispose();
  });

  it('keeps a tensor that was uploaded within tf.tidy', () => {
    const batch = make({ x: [1, 2] });
    tf.tidy(() => {
      batch.tensor('x');
    });
    expect(batch.tensor('x').arraySync()).toEqual([1, 2]);
    batch.dispose();
  });

  it('disposes the tensors that it owns, but not borrowed ones', () => {
    const [x, y] = [tf.tensor1d([1]), tf.tensor1d([2])];
    const owner = make({ x });
    expect([owner.host('x'), owner.tensor('x')]).toEqual([undefined, x]);
    owner.dispose();
    owner.dispose();
    expect(x.isDisposed).toBe(true);
    const borrower = make({ y, z: [3] }, { isBorrowed: () => true });
    const z = borrower.tensor('z');
    borrower.dispose();
    expect([y.isDisposed, z.isDisposed]).toEqual([false, true]);
    y.dispose();
  });

  it('rejects uploads after dispose(), and unknown features', () => {
    const batch = make({ x: [1] });
    expect(() => batch.tensor('z')).toThrow('batch: expected one of the features x, got z.');
    batch.dispose();
    expect(() => batch.tensor('x')).toThrow(
      'feature "x": expected a batch in use, got a batch that was disposed.',
    );
  });

  it('names the members of a tuple by dataKeys', () => {
    const batch = make([[1], [2]], { dataKeys: ['x', 'y'] });
    expect([batch.keys, batch.positional]).toEqual([['x', 'y'], true]);
    expect(batch.spec('y').shape).toEqual([1]);
  });
});
