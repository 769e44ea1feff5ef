import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { type Convolution, convolutions, poolings } from '../../../test/support/convolutions';
import { expectNumericalGradient } from '../../../test/support/numerical-gradient';
import { values } from '../../../test/support/values';
import { startWasm } from '../../../test/support/wasm';

beforeAll(async () => {
  await startWasm();
  // tfjs's leak check takes longer than these kernels.
  tf.env().set('IS_TEST', false);
});

const runs = { numRuns: 40 };
const makeDy = (shape: number[]) => values(7, shape);

type Run = (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;

const expectBoth = (run: Run, x: tf.Tensor, filter: tf.Tensor): void => {
  expectNumericalGradient((image) => run(image, filter), x, makeDy);
  expectNumericalGradient((weights) => run(x, weights), filter, makeDy);
  tf.dispose([x, filter]);
};

/** tfjs supports strides or dilations, but not both. */
const supported = fc.oneof(
  convolutions({ maxStride: 3 }),
  convolutions({ maxStride: 1, maxDilation: 3 }),
);

describe('on wasm, central differences match the gradients of', () => {
  it('conv2d', () => {
    const check = ({ xShape, filterShape, strides, dilations, pad, seed }: Convolution) => {
      const run: Run = (x, filter) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, 'NHWC', dilations);
      expectBoth(run, values(seed, xShape), values(seed + 1, filterShape));
    };
    fc.assert(fc.property(supported, check), runs);
  });

  it('conv2d with channels first', () => {
    const check = ({ xShape, filterShape, strides, dilations, pad, seed }: Convolution) => {
      const [batch, height, width, channels] = xShape;
      const first =
        typeof pad === 'object' ? ([pad[0], pad[0], pad[1], pad[2]] as unknown as typeof pad) : pad;
      const run: Run = (x, filter) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, first, 'NCHW', dilations);
      const x = values(seed, [batch, channels, height, width]);
      expectBoth(run, x, values(seed + 1, filterShape));
    };
    fc.assert(fc.property(supported, check), runs);
  });

  it('depthwiseConv2d', () => {
    const check = ({ xShape, filterShape, strides, dilations, pad, seed }: Convolution) => {
      const run: Run = (x, filter) =>
        tf.depthwiseConv2d(
          x as tf.Tensor4D,
          filter as tf.Tensor4D,
          strides,
          pad,
          'NHWC',
          dilations,
        );
      expectBoth(run, values(seed, xShape), values(seed + 1, filterShape));
    };
    fc.assert(fc.property(supported, check), runs);
  });

  it('maxPool', () => {
    const check = ({ xShape, filterShape, strides, pad, seed }: Convolution) => {
      // Distinct, and far enough apart that no step changes the maximum.
      const order = Array.from(values(seed, xShape).dataSync())
        .map((value, index) => ({ value, index }))
        .toSorted((a, b) => a.value - b.value);
      const ranks = new Float32Array(order.length);
      order.forEach(({ index }, rank) => {
        ranks[index] = (rank - order.length / 2) / 16;
      });
      const x = tf.tensor(ranks, xShape);
      const window: [number, number] = [filterShape[0], filterShape[1]];
      expectNumericalGradient(
        (image) => tf.maxPool(image as tf.Tensor4D, window, strides, pad),
        x,
        makeDy,
      );
      x.dispose();
    };
    fc.assert(fc.property(poolings(), check), runs);
  });

  it('avgPool', () => {
    const check = ({ xShape, filterShape, strides, pad, seed }: Convolution) => {
      const window: [number, number] = [filterShape[0], filterShape[1]];
      const x = values(seed, xShape);
      expectNumericalGradient(
        (image) => tf.avgPool(image as tf.Tensor4D, window, strides, pad as 'same'),
        x,
        makeDy,
      );
      x.dispose();
    };
    fc.assert(fc.property(poolings(), check), runs);
  });
});
