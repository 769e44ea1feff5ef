import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { values } from '../../../test/support/values';
import { expectAsOnCpu, startWasm } from '../../../test/support/wasm';

beforeAll(startWasm);

describe('the gradients of a 3D convolution', () => {
  it('match the cpu backend', async () => {
    const axis = fc.record({
      size: fc.integer({ min: 3, max: 5 }),
      window: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
    });
    const check = async (
      axes: { size: number; window: number; stride: number }[],
      [batch, inChannels, outChannels]: [number, number, number],
      pad: 'same' | 'valid',
      seed: number,
    ) => {
      const strides = axes.map(({ stride }) => stride) as [number, number, number];
      const convolve = (x: tf.Tensor, filter: tf.Tensor) =>
        tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, strides, pad);
      await expectAsOnCpu(() => {
        const x = values(seed, [batch, ...axes.map(({ size }) => size), inChannels]);
        const windows = axes.map(({ window }) => window);
        const filter = values(seed + 1, [...windows, inChannels, outChannels]);
        const y = convolve(x, filter);
        return [y, ...tf.grads(convolve)([x, filter], values(seed + 2, y.shape))];
      });
    };
    const small = fc.integer({ min: 1, max: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(axis, { minLength: 3, maxLength: 3 }),
        fc.tuple(small, small, small),
        fc.constantFrom('same' as const, 'valid' as const),
        fc.nat(1000),
        check,
      ),
      { numRuns: 40 },
    );
  });
});
