import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { type Convolution, explicitPad, poolings } from '../../../test/support/convolutions';
import { gradients } from '../../../test/support/gradients';
import { values } from '../../../test/support/values';
import { expectAdjoint, expectAsOnCpu, startWasm } from '../../../test/support/wasm';

beforeAll(startWasm);

type Pooling = Pick<Convolution, 'xShape' | 'filterShape' | 'strides' | 'pad' | 'seed'>;

describe('the gradient of 2D pooling', () => {
  it('matches the cpu backend for maxPool', async () => {
    const check = async ({ xShape, filterShape, strides, pad, seed }: Pooling) => {
      await expectAsOnCpu(() => {
        const x = values<tf.Tensor4D>(seed, xShape);
        const pool = (image: tf.Tensor4D) =>
          tf.maxPool(image, [filterShape[0], filterShape[1]], strides, explicitPad(pad));
        return gradients(pool, [x], values(seed + 1, pool(x).shape));
      });
    };
    await fc.assert(fc.asyncProperty(poolings(), check), { numRuns: 60 });
  });

  it('goes to the first of equal maxima', async () => {
    await expectAsOnCpu(() =>
      gradients((x) => tf.maxPool(x, 3, 2, 'same'), [tf.ones([2, 5, 5, 3])]),
    );
  });

  it('is adjoint to the forward kernel for avgPool, at padded borders too', async () => {
    await tf.setBackend('wasm');
    const check = ({ xShape, filterShape, strides, pad, seed }: Pooling) => {
      const x = values<tf.Tensor4D>(seed, xShape);
      const pool = (image: tf.Tensor4D) =>
        tf.avgPool(
          image,
          [filterShape[0], filterShape[1]],
          strides,
          explicitPad(pad) as typeof pad & string,
        );
      expectAdjoint(
        pool,
        x,
        (dy) => gradients(pool, [x], dy)[0] ?? dy,
        (shape) => values(seed + 1, shape),
      );
      x.dispose();
    };
    fc.assert(fc.property(poolings(), check), { numRuns: 60 });
  });
});

describe('maxPool3d', () => {
  it('matches the cpu backend, and its gradient goes to the maxima', async () => {
    const dimension = fc.record({
      size: fc.integer({ min: 3, max: 6 }),
      window: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
    });
    // If windows leave gaps, tfjs's cpu backend computes negative padding, unlike TensorFlow.
    const dense = dimension.filter(({ window, stride }) => stride <= window);
    const check = async (
      axes: { size: number; window: number; stride: number }[],
      pad: 'same' | 'valid',
      seed: number,
    ) => {
      const triple = (key: 'window' | 'stride') =>
        axes.map((axis) => axis[key]) as [number, number, number];
      // All negative, for which stock returns wrong results.
      const input = () => tf.sub(values(seed, [2, ...axes.map(({ size }) => size), 2]), 1);
      const pool = (image: tf.Tensor) =>
        tf.maxPool3d(image as tf.Tensor5D, triple('window'), triple('stride'), pad);
      await expectAsOnCpu(() => pool(input()));
      await tf.setBackend('wasm');
      tf.tidy(() => {
        expectAdjoint(
          pool,
          input(),
          (dy) => tf.grad(pool)(input(), dy),
          (shape) => values(seed + 1, shape),
        );
      });
    };
    const pads = fc.constantFrom('same' as const, 'valid' as const);
    const axes = fc.array(dense, { minLength: 3, maxLength: 3 });
    await fc.assert(fc.asyncProperty(axes, pads, fc.nat(1000), check), { numRuns: 40 });
  });
});
