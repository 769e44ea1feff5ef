import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, it } from 'vitest';
import { values } from '../../../test/support/values';
import { expectAsOnCpu, startWasm } from '../../../test/support/wasm';

beforeAll(startWasm);

describe('unsortedSegmentSum', () => {
  it('matches the cpu backend', async () => {
    await expectAsOnCpu(() => [
      tf.unsortedSegmentSum(values(1, [6, 2, 3]), tf.tensor1d([2, 0, 2, 4, 0, 2], 'int32'), 5),
      // On cpu the sum of int32 tensors is float32.
      tf
        .unsortedSegmentSum(tf.tensor1d([1, 2, 3], 'int32'), tf.tensor1d([1, 1, 0], 'int32'), 2)
        .cast('float32'),
    ]);
  });

  it('drops rows whose id is out of range', async () => {
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
