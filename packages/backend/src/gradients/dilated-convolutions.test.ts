import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Convolution, convolutions, explicitPad } from '../../test/support/convolutions';
import { values } from '../../test/support/values';
import { distance, expectAdjoint, startWasm } from '../../test/support/wasm';

beforeAll(startWasm);

const expectClose = (actual: tf.Tensor, expected: tf.Tensor): void => {
  expect(actual.shape).toEqual(expected.shape);
  expect(distance([...actual.dataSync()], [...expected.dataSync()])).toBeLessThan(1e-5);
};

type Convolve = (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;

/** Checks both gradients: a convolution is linear in its image and in its filter. */
const expectAdjoints = (convolve: Convolve, x: tf.Tensor, filter: tf.Tensor): void => {
  const makeDy = (shape: number[]) => values(3, shape);
  expectAdjoint(
    (image) => convolve(image, filter),
    x,
    (dy) => tf.grad((image) => convolve(image, filter))(x, dy),
    makeDy,
  );
  expectAdjoint(
    (weights) => convolve(x, weights),
    filter,
    (dy) => tf.grad((weights) => convolve(x, weights))(filter, dy),
    makeDy,
  );
  tf.dispose([x, filter]);
};

const dilated = convolutions({ maxStride: 1, maxDilation: 4 });
const runs = { numRuns: 60 };

describe.each(['cpu', 'wasm'])('on %s, the gradients of a dilated convolution are', (backend) => {
  const check = async (test: (convolution: Convolution) => void) => {
    await tf.setBackend(backend);
    fc.assert(fc.property(dilated, test), runs);
  };

  it('the adjoints of conv2d', () =>
    check(({ xShape, filterShape, pad, dilations, seed }) => {
      const convolve: Convolve = (x, filter) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, explicitPad(pad), 'NHWC', dilations);
      expectAdjoints(convolve, values(seed, xShape), values(seed + 1, filterShape));
    }));

  it('the adjoints of conv2d with channels first', () =>
    check(({ xShape, filterShape, pad: anyPad, dilations, seed }) => {
      const [batch, height, width, channels] = xShape;
      const pad = explicitPad(anyPad);
      const first =
        typeof pad === 'object' ? ([pad[0], pad[0], pad[1], pad[2]] as unknown as typeof pad) : pad;
      const convolve: Convolve = (x, filter) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, first, 'NCHW', dilations);
      const x = values(seed, [batch, channels, height, width]);
      expectAdjoints(convolve, x, values(seed + 1, filterShape));
    }));

  it('the adjoints of depthwiseConv2d', () =>
    check(({ xShape, filterShape, pad, dilations, seed }) => {
      const convolve: Convolve = (x, filter) =>
        tf.depthwiseConv2d(
          x as tf.Tensor4D,
          filter as tf.Tensor4D,
          1,
          explicitPad(pad),
          'NHWC',
          dilations,
        );
      expectAdjoints(convolve, values(seed, xShape), values(seed + 1, filterShape));
    }));

  it('the adjoints of conv3d', async () => {
    await tf.setBackend(backend);
    const triple = (min: number, max: number) => {
      const side = fc.integer({ min, max });
      return fc.tuple(side, side, side);
    };
    const pads = fc.constantFrom('same' as const, 'valid' as const);
    const test = (
      size: [number, number, number],
      window: [number, number, number],
      dilations: [number, number, number],
      pad: 'same' | 'valid',
    ) => {
      const convolve: Convolve = (x, filter) =>
        tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 1, pad, 'NDHWC', dilations);
      expectAdjoints(convolve, values(1, [2, ...size, 2]), values(2, [...window, 2, 3]));
    };
    fc.assert(fc.property(triple(4, 6), triple(1, 2), triple(1, 3), pads, test), { numRuns: 30 });
  });

  it('the adjoints of conv3dTranspose for any strides', async () => {
    await tf.setBackend(backend);
    const test = (stride: number, window: number, pad: 'same' | 'valid') => {
      const out = pad === 'same' ? 3 * stride : 2 * stride + window;
      const convolve: Convolve = (x, filter) =>
        tf.conv3dTranspose(
          x as tf.Tensor5D,
          filter as tf.Tensor5D,
          [2, out, out, out, 2],
          stride,
          pad,
        );
      expectAdjoints(
        convolve,
        values(1, [2, 3, 3, 3, 3]),
        values(2, [window, window, window, 2, 3]),
      );
    };
    const small = fc.integer({ min: 1, max: 3 });
    const pads = fc.constantFrom('same' as const, 'valid' as const);
    fc.assert(fc.property(small, small, pads, test), { numRuns: 20 });
  });
});

describe('on wasm, which has strides together with dilations, depthwiseConv2d', () => {
  const images = () => values<tf.Tensor4D>(1, [2, 9, 8, 3]);
  const weights = () => values<tf.Tensor4D>(2, [3, 2, 3, 2]);
  const dilated: Convolve = (x, filter) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 3], 'same', 'NHWC', [2, 1]);

  it('equals a convolution with a filter that has zeros in place of the dilations', async () => {
    await tf.setBackend('wasm');
    const [first, second, third] = tf.unstack(weights()) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const gap = tf.zerosLike(first);
    const spread = tf.stack([first, gap, second, gap, third]) as tf.Tensor4D;
    const expected = tf.depthwiseConv2d(images(), spread, [2, 3], 'same');
    expectClose(dilated(images(), weights()), expected);
  });

  it('has gradients', async () => {
    await tf.setBackend('wasm');
    expectAdjoints(dilated, images(), weights());
  });
});
