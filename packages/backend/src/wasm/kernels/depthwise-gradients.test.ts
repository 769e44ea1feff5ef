import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { type Convolution, convolutions, explicitPad } from '../../../test/support/convolutions';
import { gradients } from '../../../test/support/gradients';
import { values } from '../../../test/support/values';
import { expectAdjoint, expectAsOnCpu, startWasm } from '../../../test/support/wasm';
import { runKernel } from '../../tfjs-internals';

beforeAll(startWasm);

describe('the gradients of a depthwise convolution', () => {
  it('match the cpu backend', async () => {
    const check = async ({ xShape, filterShape, strides, pad: anyPad, seed }: Convolution) => {
      const pad = explicitPad(anyPad);
      await expectAsOnCpu(() => {
        const [x, filter] = [
          values<tf.Tensor4D>(seed, xShape),
          values<tf.Tensor4D>(seed + 1, filterShape),
        ];
        const convolve = (image: tf.Tensor4D, weights: tf.Tensor4D) =>
          tf.depthwiseConv2d(image, weights, strides, pad);
        const dy = values<tf.Tensor4D>(seed + 2, convolve(x, filter).shape);
        return gradients(convolve, [x, filter], dy);
      });
    };
    await fc.assert(fc.asyncProperty(convolutions(), check), { numRuns: 60 });
  });

  it('are adjoint to the forward kernel, with dilations too', async () => {
    await tf.setBackend('wasm');
    const check = ({ xShape, filterShape, strides, pad, dilations, seed }: Convolution) => {
      const [x, filter] = [values(seed, xShape), values(seed + 1, filterShape)];
      const attrs = { strides, pad, dilations };
      const forward = (image: tf.Tensor, weights: tf.Tensor) =>
        runKernel(tf.DepthwiseConv2dNative, { x: image, filter: weights }, attrs);
      const makeDy = (shape: number[]) => values(seed + 2, shape);
      expectAdjoint(
        (image) => forward(image, filter),
        x,
        (dy) =>
          runKernel(
            tf.DepthwiseConv2dNativeBackpropInput,
            { dy, filter },
            { ...attrs, inputShape: xShape },
          ),
        makeDy,
      );
      expectAdjoint(
        (weights) => forward(x, weights),
        filter,
        (dy) =>
          runKernel(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy }, { ...attrs, filterShape }),
        makeDy,
      );
      tf.dispose([x, filter]);
    };
    fc.assert(fc.property(convolutions({ maxDilation: 3 }), check), { numRuns: 60 });
  });
});
