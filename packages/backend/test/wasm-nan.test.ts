// NaN stays NaN on wasm, as on cpu: an operation that hides it hides that training diverges.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../src';

const { NaN: nan } = Number;
const vectors = [1, 3, 4, 9, 67];

/** Runs an operation on cpu and on wasm, and tells for each element of the result whether it is NaN. */
const nanOnBoth = async (run: () => tf.Tensor) => {
  const places: (readonly boolean[])[] = [];
  for (const backend of ['cpu', 'wasm'] as const) {
    await useBackend({ backend });
    const result = tf.tidy(run);
    places.push(Array.from(result.dataSync(), Number.isNaN));
    result.dispose();
  }
  const [cpu = [], wasm = []] = places;
  return { cpu, wasm };
};

const elementwise: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  selu: tf.selu,
  leakyRelu: (x) => tf.leakyRelu(x),
  prelu: (x) => tf.prelu(x, tf.fill(x.shape, 0.1)),
  clip: (x) => tf.clipByValue(x, -1, 1),
  'maximum, first': (x) => tf.maximum(x, -1),
  'maximum, second': (x) => tf.maximum(tf.fill(x.shape, -1), x),
  'maximum, broadcast': (x) => tf.maximum(tf.fill([2, x.size], -1), x),
  'minimum, first': (x) => tf.minimum(x, 1),
  'minimum, second': (x) => tf.minimum(tf.fill(x.shape, 1), x),
  sigmoid: tf.sigmoid,
  softmax: (x) => tf.softmax(x),
  max: (x) => tf.max(x),
  sum: (x) => tf.sum(x),
  step: (x) => tf.step(x),
};

describe('element-wise operations and reductions', () => {
  it.each(Object.entries(elementwise))('%s', async (_, operation) => {
    for (const size of vectors) {
      for (const at of new Set([0, size >> 1, size - 1])) {
        const values = Array.from({ length: size }, (_value, index) => (index === at ? nan : 0.5));
        const { cpu, wasm } = await nanOnBoth(() => operation(tf.tensor1d(values)));
        expect(cpu).toContain(true);
        expect(wasm).toEqual(cpu);
      }
    }
  });
});

const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid'] as const;

describe.each(activations)('with the activation %s', (activation) => {
  it.each([
    [2, 3, 4],
    [56, 130, 17],
  ])('a product of [%i, %i] and %i columns', async (rows, inner, columns) => {
    const { wasm } = await nanOnBoth(() =>
      tf.fused.matMul({ a: tf.fill([rows, inner], nan), b: tf.ones([inner, columns]), activation }),
    );
    expect(wasm).not.toContain(false);
  });

  it.each([1, 3, 5])('a convolution of windows of size %i', async (size) => {
    for (const isDepthwise of [false, true]) {
      const { wasm } = await nanOnBoth(() => {
        const x: tf.Tensor4D = tf.fill([1, 6, 6, 4], nan);
        const options = { x, strides: 1, pad: 'same', activation } as const;
        return isDepthwise
          ? tf.fused.depthwiseConv2d({ ...options, filter: tf.ones([size, size, 4, 1]) })
          : tf.fused.conv2d({ ...options, filter: tf.ones([size, size, 4, 8]) });
      });
      expect(wasm).not.toContain(false);
    }
  });
});

it('a NaN weight reaches the loss of a model with relu6', async () => {
  const { wasm } = await nanOnBoth(() => {
    const hidden = tf.relu6(tf.matMul(tf.ones([2, 3]), tf.fill([3, 4], nan)));
    return tf.losses.softmaxCrossEntropy(tf.oneHot([0, 1], 4), hidden);
  });
  expect(wasm).toEqual([true]);
});
