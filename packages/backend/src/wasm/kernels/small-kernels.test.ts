import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { values } from '../../../test/support/values';
import { expectAsOnCpu, startWasm } from '../../../test/support/wasm';

beforeAll(startWasm);

describe('unsortedSegmentSum', () => {
  it('is that of the cpu backend', async () => {
    await expectAsOnCpu(() => [
      tf.unsortedSegmentSum(values(1, [6, 2, 3]), tf.tensor1d([2, 0, 2, 4, 0, 2], 'int32'), 5),
      // On cpu a sum of integers is float32.
      tf
        .unsortedSegmentSum(tf.tensor1d([1, 2, 3], 'int32'), tf.tensor1d([1, 1, 0], 'int32'), 2)
        .cast('float32'),
    ]);
  });

  it('drops the rows whose id is no segment', async () => {
    await expectAsOnCpu(() =>
      tf.unsortedSegmentSum(values(1, [4, 2]), tf.tensor1d([-1, 0, 7, 1], 'int32'), 2),
    );
  });

  it('is the gradient of gather', async () => {
    await expectAsOnCpu(() =>
      [0, 1].map((axis) =>
        tf.grad((x) => tf.square(tf.gather(x, tf.tensor1d([1, 1, 0, 2], 'int32'), axis)))(
          values(1, [3, 4, 2]),
        ),
      ),
    );
  });
});

describe('cast', () => {
  it('is that of the cpu backend', async () => {
    await expectAsOnCpu(() => {
      const x = tf.tensor1d([0, 0.5, -0.2, 2, 256]);
      return [
        x.cast('bool'),
        x.cast('int32'),
        x.cast('int32').cast('bool'),
        x.cast('bool').cast('float32'),
        x.cast('float32'),
      ];
    });
  });
});

describe('identity', () => {
  it('outlives the tensor it was made from', async () => {
    await tf.setBackend('wasm');
    const x = tf.tensor1d([1, 2, 3]);
    const copy = x.clone();
    x.dispose();
    const other = tf.tensor1d([7, 7, 7]);
    expect([...copy.dataSync()]).toEqual([1, 2, 3]);
    tf.dispose([copy, other]);
  });

  it('of strings keeps them', async () => {
    await expectAsOnCpu(() => tf.tensor1d([3, 1]).clone());
    const text = tf.tensor1d(['a', 'b']);
    expect(text.clone().dataSync()).toEqual(['a', 'b']);
  });
});
