import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchOf } from './batch';
import { elementOf } from './element';
import { DatasetError } from './errors';
import { assertBatch, signatureOf } from './input-signature';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const batch = (tensors: Record<string, tf.Tensor>) =>
  batchOf(elementOf(tensors, 'batch'), 'batch', { isBorrowed: () => true });

describe('input signature', () => {
  it('leaves the batch dimension open', () => {
    tf.tidy(() => {
      const signature = signatureOf(
        batch({ x: tf.zeros([2, 3]), y: tf.zeros([2], 'int32'), z: tf.scalar(1) }),
      );
      expect(signature).toEqual({
        x: { dtype: 'float32', shape: [null, 3] },
        y: { dtype: 'int32', shape: [null] },
        z: { dtype: 'float32', shape: [] },
      });
      const next = batch({ x: tf.zeros([7, 3]), y: tf.zeros([7], 'int32'), z: tf.scalar(2) });
      expect(() => assertBatch(next, signature, 'batch 1')).not.toThrow();
    });
  });

  it.each([
    [
      'a shape',
      () => ({ x: tf.zeros([2, 4]) }),
      'batch 3, feature "x": expected float32 [null,3], got float32 [2,4]',
    ],
    ['a rank', () => ({ x: tf.zeros([3]) }), 'expected float32 [null,3], got float32 [3]'],
    [
      'a dtype',
      () => ({ x: tf.zeros([2, 3], 'int32') }),
      'expected float32 [null,3], got int32 [2,3]',
    ],
    ['a name', () => ({ z: tf.zeros([2, 3]) }), 'batch 3: expected the features x, got z'],
    [
      'more features',
      () => ({ x: tf.zeros([2, 3]), y: tf.zeros([2]) }),
      'expected the features x, got x, y',
    ],
  ])('names the feature that differs in %s', (_, make, message) => {
    tf.tidy(() => {
      const signature = { x: { dtype: 'float32', shape: [null, 3] } } as const;
      expect(() => assertBatch(batch(make()), signature, 'batch 3')).toThrow(DatasetError);
      expect(() => assertBatch(batch(make()), signature, 'batch 3')).toThrow(message);
    });
  });
});
