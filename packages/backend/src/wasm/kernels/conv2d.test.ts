import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Convolution, convolutions, explicitPad } from '../../../test/support/convolutions';
import { gradients } from '../../../test/support/gradients';
import { values } from '../../../test/support/values';
import { expectAdjoint, expectAsOnCpu, startWasm } from '../../../test/support/wasm';
import { runKernel } from '../../tfjs-internals';

beforeAll(startWasm);

const runs = { numRuns: 60 };

const forward = ({ strides, pad, dilations }: Convolution, x: tf.Tensor, filter: tf.Tensor) =>
  runKernel(tf.Conv2D, { x, filter }, { strides, pad, dilations, dataFormat: 'NHWC' });

describe('the gradients of a convolution', () => {
  it('match the cpu backend for any strides and padding', async () => {
    const check = async (convolution: Convolution) => {
      const { xShape, filterShape, strides, seed } = convolution;
      const pad = explicitPad(convolution.pad);
      await expectAsOnCpu(() => {
        const [x, filter] = [
          values<tf.Tensor4D>(seed, xShape),
          values<tf.Tensor4D>(seed + 1, filterShape),
        ];
        const y = tf.conv2d(x, filter, strides, pad);
        const dy = values<tf.Tensor4D>(seed + 2, y.shape);
        const convolve = (image: tf.Tensor4D, weights: tf.Tensor4D) =>
          tf.conv2d(image, weights, strides, pad);
        return [y, ...gradients(convolve, [x, filter], dy)];
      });
    };
    await fc.assert(fc.asyncProperty(convolutions(), check), runs);
  });

  it('match the cpu backend with channels first', async () => {
    const check = async ({ xShape, filterShape, strides, pad: anyPad, seed }: Convolution) => {
      const pad = explicitPad(anyPad);
      const [batch, height, width, channels] = xShape;
      const padFirst =
        typeof pad === 'object' ? ([pad[0], pad[0], pad[1], pad[2]] as unknown as typeof pad) : pad;
      await expectAsOnCpu(() => {
        const x = values<tf.Tensor4D>(seed, [batch, channels, height, width]);
        const filter = values<tf.Tensor4D>(seed + 1, filterShape);
        const convolve = (image: tf.Tensor4D, weights: tf.Tensor4D) =>
          tf.conv2d(image, weights, strides, padFirst, 'NCHW');
        const y = convolve(x, filter);
        const dy = values<tf.Tensor4D>(seed + 2, y.shape);
        return [y, ...gradients(convolve, [x, filter], dy)];
      });
    };
    await fc.assert(fc.asyncProperty(convolutions(), check), runs);
  });

  it('are adjoint to the forward kernel, with dilations too', async () => {
    await tf.setBackend('wasm');
    const check = (convolution: Convolution) => {
      const { xShape, filterShape, strides, pad, dilations, seed } = convolution;
      const [x, filter] = [values(seed, xShape), values(seed + 1, filterShape)];
      const attrs = { strides, pad, dilations, dataFormat: 'NHWC' };
      const makeDy = (shape: number[]) => values(seed + 2, shape);
      expectAdjoint(
        (image) => forward(convolution, image, filter),
        x,
        (dy) => runKernel(tf.Conv2DBackpropInput, { dy, filter }, { ...attrs, inputShape: xShape }),
        makeDy,
      );
      expectAdjoint(
        (weights) => forward(convolution, x, weights),
        filter,
        (dy) => runKernel(tf.Conv2DBackpropFilter, { x, dy }, { ...attrs, filterShape }),
        makeDy,
      );
      tf.dispose([x, filter]);
    };
    fc.assert(fc.property(convolutions({ maxDilation: 3 }), check), runs);
  });

  it('compute the transposed convolution', async () => {
    await expectAsOnCpu(() => [
      tf.conv2dTranspose(
        values<tf.Tensor4D>(1, [2, 5, 4, 3]),
        values<tf.Tensor4D>(2, [3, 3, 2, 3]),
        [2, 10, 8, 2],
        2,
        'same',
      ),
      tf.conv2dTranspose(
        values<tf.Tensor4D>(1, [1, 5, 4, 3]),
        values<tf.Tensor4D>(2, [2, 3, 2, 3]),
        [1, 6, 6, 2],
        1,
        'valid',
      ),
    ]);
  });

  it('are correct for a batch that is unfolded in several parts', async () => {
    // 40 images of 64 x 64 windows of 5 x 5 x 8: 33 million elements.
    await tf.setBackend('wasm');
    const x = values<tf.Tensor4D>(1, [40, 128, 128, 8]);
    const filter = values<tf.Tensor4D>(2, [5, 5, 8, 2]);
    const convolve = (image: tf.Tensor4D) => tf.conv2d(image, filter, 2, 'same');
    expectAdjoint(
      convolve,
      x,
      (dy) => gradients(convolve, [x], dy)[0] ?? dy,
      (shape) => values(3, shape),
    );
    tf.dispose([x, filter]);
  });

  it.each([tf.Conv2DBackpropFilter, tf.Conv2DBackpropInput])(
    '%s leaks no tensor if an inner kernel throws',
    async (name) => {
      await tf.setBackend('wasm');
      const x = values(1, [2, 6, 6, 3]);
      const [dy, filter] = [values(2, [2, 6, 6, 4]), values(3, [3, 3, 3, 4])];
      const memory = tf.memory();
      const kernel = tf.getKernel(name, 'wasm');
      const runInner = tf.engine().runKernel.bind(tf.engine());
      const runKernelSpy = vi.spyOn(tf.engine(), 'runKernel');
      runKernelSpy.mockImplementation((inner, inputs, attrs) => {
        if (inner === tf.Conv2D) throw new Error('out of memory');
        return runInner(inner, inputs, attrs);
      });
      const attrs = {
        strides: 1,
        pad: 'same',
        dataFormat: 'NHWC',
        inputShape: x.shape,
        filterShape: filter.shape,
      };
      try {
        expect(() =>
          kernel?.kernelFunc({ inputs: { x, dy, filter }, attrs, backend: tf.backend() }),
        ).toThrow('out of memory');
      } finally {
        runKernelSpy.mockRestore();
      }
      expect(tf.memory()).toEqual(memory);
      tf.dispose([x, dy, filter]);
    },
  );
});
