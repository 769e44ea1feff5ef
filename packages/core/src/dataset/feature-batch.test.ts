import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UnknownFeatureError } from '../errors';
import { DatasetError } from './errors';
import { batchOfFeatures } from './feature-batch';
import type { InputSignature } from './input-signature';

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

const signature: InputSignature = {
  images: { dtype: 'float32', shape: [null, 4] },
  labels: { dtype: 'int32', shape: [null] },
  flags: { dtype: 'bool', shape: [null] },
  words: { dtype: 'string', shape: [null] },
  rate: { dtype: 'float32', shape: [] },
};

const read = (features: Parameters<typeof batchOfFeatures>[0]) => {
  const batch = batchOfFeatures(features, signature);
  const values = Object.fromEntries(
    Object.entries(batch.tensors()).map(([name, t]) => [name, [t.dtype, t.arraySync()]]),
  );
  batch.dispose();
  return values;
};

describe('batchOfFeatures', () => {
  it('converts to the dtype and rank of the signature', () => {
    expect(
      read({
        images: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
        labels: [3, 4],
        flags: [true, false],
        words: ['a', 'b'],
        rate: 0.5,
      }),
    ).toEqual({
      images: [
        'float32',
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
      ],
      labels: ['int32', [3, 4]],
      flags: ['bool', [1, 0]],
      words: ['string', ['a', 'b']],
      rate: ['float32', 0.5],
    });
  });

  it('takes features by position, and may lack some', () => {
    expect(read([{ data: new Float32Array(4), shape: [1, 4] }, Int32Array.of(7)])).toEqual({
      images: ['float32', [[0, 0, 0, 0]]],
      labels: ['int32', [7]],
    });
  });

  it("uses the user's tensors as they are, or casts them if that loses no information", () => {
    const [images, labels] = [tf.zeros([2, 4]), tf.tensor1d([true, false], 'bool')];
    const batch = batchOfFeatures({ images, labels }, signature);
    expect(batch.tensor('images')).toBe(images);
    expect(batch.tensor('labels').dtype).toBe('int32');
    batch.dispose();
    expect([images.isDisposed, labels.isDisposed]).toEqual([false, false]);
    tf.dispose([images, labels]);
  });

  it.each([
    [
      'a row without the batch dimension',
      () => ({ images: tf.zeros([4]) }),
      'feature "images": expected float32 [null,4], got float32 [4]. Keep the batch dimension: slice([0,0], [1,4])',
    ],
    ['a nested row', () => ({ images: [1, 2, 3, 4] }), 'Keep the batch dimension'],
    [
      'another size',
      () => ({ images: tf.zeros([2, 5]) }),
      'got float32 [2,5]. Pass shape [null,4], with any size for null, and dtype float32.',
    ],
    [
      'values that do not fill a row',
      () => ({ images: new Float32Array(7) }),
      'expected float32 [null,4], got a flat array of 7 values',
    ],
    [
      'another dtype',
      () => ({ labels: tf.tensor1d([0.5]) }),
      'expected int32 [null], got float32 [1]',
    ],
    ['fractions for integers', () => ({ labels: [0.5] }), 'expected int32 [null], got float32 [1]'],
    ['numbers for strings', () => ({ words: [1] }), 'expected string [null], got float32 [1]'],
    ['numbers for booleans', () => ({ flags: [2] }), 'expected bool [null], got float32 [1]'],
    [
      'no value',
      () => ({ images: undefined }),
      'feature "images": expected a tensor, a typed array',
    ],
  ])('rejects %s', (_, make, message) => {
    tf.tidy(() => {
      // The cast of the feature before the bad one must be freed.
      const features = { rate: tf.scalar(1, 'int32'), ...make() };
      const before = tf.memory().numTensors;
      expect(() => batchOfFeatures(features, signature)).toThrow(DatasetError);
      expect(() => batchOfFeatures(features, signature)).toThrow(message);
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it('rejects a feature that the signature does not have', () => {
    expect(() => batchOfFeatures({ image: [1] }, signature)).toThrow(UnknownFeatureError);
    expect(() => batchOfFeatures([[[1, 2, 3, 4]], [1], [true], ['a'], 1, 2], signature)).toThrow(
      /feature "5"/,
    );
    expect(() => batchOfFeatures({ toString: [1] }, signature)).toThrow(/feature "toString"/);
  });
});
