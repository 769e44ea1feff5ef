import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { poolings, spelledOut } from '../../test/support/convolutions';
import { values } from '../../test/support/values';
import { expectAdjoint, startWasm } from '../../test/support/wasm';

beforeAll(startWasm);

/** Each of these is linear, so its gradient has to be its adjoint. */
const expectOwnAdjoint = (linear: (x: tf.Tensor) => tf.Tensor, shape: readonly number[]): void => {
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
      expectOwnAdjoint(
        (x) =>
          tf.avgPool(
            x as tf.Tensor4D,
            [filterShape[0], filterShape[1]],
            strides,
            spelledOut(pad) as 'same',
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
      // Where windows leave gaps, tfjs pads by a negative number and takes other elements than
      // TensorFlow.
      fc.pre(stride.every((step, axis) => step <= (window[axis] ?? 0)));
      expectOwnAdjoint((x) => tf.avgPool3d(x as tf.Tensor5D, window, stride, pad), [2, ...size, 2]);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('resizing, bilinear', async () => {
    await tf.setBackend(backend);
    const property = fc.property(images, fc.boolean(), ([height, width, rows, columns], corners) =>
      expectOwnAdjoint(
        (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [rows, columns], corners),
        [2, height, width, 3],
      ),
    );
    fc.assert(property, { numRuns: 50 });
  });

  it('resizing to the nearest', async () => {
    await tf.setBackend(backend);
    const property = fc.property(images, fc.boolean(), ([height, width, rows, columns], corners) =>
      expectOwnAdjoint(
        (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [rows, columns], corners),
        [2, height, width, 3],
      ),
    );
    fc.assert(property, { numRuns: 50 });
  });
});

it('a comparison is flat: what it decides between has the gradient, and no other has', async () => {
  await tf.setBackend('cpu');
  const x = tf.tensor1d([-2, 1, 3]);
  const leaky = (y: tf.Tensor) => tf.where(tf.greater(y, 0), tf.square(y), tf.mul(y, 0.5));
  expect([...tf.grad(leaky)(x).dataSync()]).toEqual([0.5, 2, 6]);
});
