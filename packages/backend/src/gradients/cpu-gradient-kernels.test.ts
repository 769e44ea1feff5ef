import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { explicitPad, poolings } from '../../test/support/convolutions';
import { values } from '../../test/support/values';
import { expectAdjoint, startWasm } from '../../test/support/wasm';

beforeAll(startWasm);

/** Checks a linear function, whose gradient is its adjoint. */
const expectGradientIsAdjoint = (
  linear: (x: tf.Tensor) => tf.Tensor,
  shape: readonly number[],
): void => {
  const x = values(1, shape);
  const makeDy = (size: number[]) => values(2, size);
  expectAdjoint(linear, x, (dy) => tf.grad(linear)(x, dy), makeDy);
  x.dispose();
};

const side = fc.integer({ min: 1, max: 7 });
const three = (arbitrary: fc.Arbitrary<number>) => fc.tuple(arbitrary, arbitrary, arbitrary);

const images = fc.tuple(side, side, side, side);

describe.each(['cpu', 'wasm'])('on %s, the adjoint is the gradient of', (backend) => {
  it('avgPool, at padded borders too', async () => {
    await tf.setBackend(backend);
    const property = fc.property(poolings(), ({ xShape, filterShape, strides, pad }) => {
      expectGradientIsAdjoint(
        (x) =>
          tf.avgPool(
            x as tf.Tensor4D,
            [filterShape[0], filterShape[1]],
            strides,
            explicitPad(pad) as 'same',
          ),
        xShape,
      );
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('avgPool3d, at padded borders too', async () => {
    await tf.setBackend(backend);
    const small = three(fc.integer({ min: 1, max: 3 }));
    const sizes = three(fc.integer({ min: 3, max: 6 }));
    const pads = fc.constantFrom('same' as const, 'valid' as const);
    const property = fc.property(sizes, small, small, pads, (size, window, stride, pad) => {
      // If windows leave gaps, tfjs computes negative padding, unlike TensorFlow.
      fc.pre(stride.every((step, axis) => step <= (window[axis] ?? 0)));
      expectGradientIsAdjoint(
        (x) => tf.avgPool3d(x as tf.Tensor5D, window, stride, pad),
        [2, ...size, 2],
      );
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('resizeBilinear', async () => {
    await tf.setBackend(backend);
    const property = fc.property(images, fc.boolean(), ([height, width, rows, columns], corners) =>
      expectGradientIsAdjoint(
        (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [rows, columns], corners),
        [2, height, width, 3],
      ),
    );
    fc.assert(property, { numRuns: 50 });
  });

  it('resizeNearestNeighbor', async () => {
    await tf.setBackend(backend);
    const property = fc.property(images, fc.boolean(), ([height, width, rows, columns], corners) =>
      expectGradientIsAdjoint(
        (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [rows, columns], corners),
        [2, height, width, 3],
      ),
    );
    fc.assert(property, { numRuns: 50 });
  });
});

it('comparisons have a gradient of zero, and do not block that of other inputs', async () => {
  await tf.setBackend('cpu');
  const x = tf.tensor1d([-2, 1, 3]);
  const leaky = (y: tf.Tensor) => tf.where(tf.greater(y, 0), tf.square(y), tf.mul(y, 0.5));
  expect([...tf.grad(leaky)(x).dataSync()]).toEqual([0.5, 2, 6]);
});
