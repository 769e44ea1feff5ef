import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { type Convolution, convolutions } from '../../../test/support/convolutions';
import { gradients } from '../../../test/support/gradients';
import { values } from '../../../test/support/values';
import { expectAdjoint, expectAsOnCpu, startWasm } from '../../../test/support/wasm';

beforeAll(startWasm);

type Pooling = Pick<Convolution, 'xShape' | 'filterShape' | 'strides' | 'pad' | 'seed'>;

/** Poolings that tfjs allows: padding less than the window. */
const poolings: fc.Arbitrary<Pooling> = convolutions().filter(({ pad }) => typeof pad === 'string');

describe('the gradient of pooling', () => {
  it('by the maximum is that of the cpu backend', async () => {
    const check = async ({ xShape, filterShape, strides, pad, seed }: Pooling) => {
      await expectAsOnCpu(() => {
        const x = values<tf.Tensor4D>(seed, xShape);
        const pool = (image: tf.Tensor4D) =>
          tf.maxPool(image, [filterShape[0], filterShape[1]], strides, pad as 'same');
        return gradients(pool, [x], values(seed + 1, pool(x).shape));
      });
    };
    await fc.assert(fc.asyncProperty(poolings, check), { numRuns: 60 });
  });

  it('by the maximum goes to the first of equals', async () => {
    await expectAsOnCpu(() =>
      gradients((x) => tf.maxPool(x, 3, 2, 'same'), [tf.ones([2, 5, 5, 3])]),
    );
  });

  it('by the average is the adjoint of the forward kernel, at the borders too', async () => {
    await tf.setBackend('wasm');
    const check = ({ xShape, filterShape, strides, pad, seed }: Pooling) => {
      const x = values<tf.Tensor4D>(seed, xShape);
      const pool = (image: tf.Tensor4D) =>
        tf.avgPool(image, [filterShape[0], filterShape[1]], strides, pad as 'same');
      expectAdjoint(
        pool,
        x,
        (dy) => gradients(pool, [x], dy)[0] ?? dy,
        (shape) => values(seed + 1, shape),
      );
      x.dispose();
    };
    fc.assert(fc.property(poolings, check), { numRuns: 60 });
  });
});
