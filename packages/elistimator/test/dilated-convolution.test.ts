// tfjs can't train a fused convolution with dilations; layers.conv2d and our gradient kernels can.
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { defineModelFn, Elistimator, layers, readScalars, TrainSpec } from '../src';
import { trainInputFn } from './digits';

it('trains a dilated convolution, with the same losses in each execution', async () => {
  const modelFn = defineModelFn(
    ({ images, labels }: { readonly images: tf.Tensor2D; readonly labels: tf.Tensor1D }) => {
      const pictures = images.reshape<tf.Tensor4D>([-1, 4, 4, 1]);
      const config = { filters: 4, kernelSize: 3, dilationRate: 2, padding: 'same' } as const;
      const logits = layers.dense(layers.flatten(layers.conv2d(pictures, config)), { units: 4 });
      const loss = tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 4), logits) as tf.Scalar;
      return [new TrainSpec({ loss, optimizer: () => tf.train.adam(0.01) }), null, null];
    },
  );
  const lossesBy = async (execution: 'eager' | 'graph') => {
    const sessionArgs = { backend: 'wasm', seed: 5, execution } as const;
    const estimator = new Elistimator({ modelFn, sessionArgs, progress: false });
    await estimator.setup({ trainInputFn });
    const before = await estimator.session.variables.get('conv2d/kernel')?.data();
    await estimator.train();
    const after = await estimator.session.variables.get('conv2d/kernel')?.data();
    expect(after).not.toEqual(before);
    await estimator.close();
    return (await readScalars(estimator.trainLogs)).get('loss')?.map(({ value }) => value) ?? [];
  };
  const losses = await lossesBy('eager');
  expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
  expect(await lossesBy('graph')).toEqual(losses);
});
