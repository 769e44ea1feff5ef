import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../src';
import { values } from './support/values';

/** Creates and trains a small CNN from fixed values; returns its losses and final weights. */
const trainFromFixedValues = (): {
  readonly losses: Float32Array;
  readonly weights: Uint8Array;
} => {
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        inputShape: [12, 12, 2],
      }),
      layers.maxPooling2d({ poolSize: 2, strides: 2 }),
      layers.batchNormalization(),
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      layers.flatten(),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dropout({ rate: 0.4, seed: 3 }),
      layers.dense({ units: 5 }),
    ],
  });
  model.setWeights(model.getWeights().map(({ shape }, index) => values(index, shape).mul(0.3)));
  const optimizer = tf.train.adam(0.01);
  const losses = Array.from({ length: 12 }, (_, step) => {
    const loss = optimizer.minimize(() => {
      const logits = model.apply(values(step, [16, 12, 12, 2]), { training: true }) as tf.Tensor;
      const labels = tf.oneHot(tf.range(0, 16, 1, 'int32').mod(tf.scalar(5, 'int32')), 5);
      return tf.losses.softmaxCrossEntropy(labels, logits).asScalar();
    }, true);
    return loss?.dataSync()[0] ?? Number.NaN;
  });
  const weights = tf.concat(model.getWeights().map((weight) => weight.flatten())).dataSync();
  const { buffer, byteOffset, byteLength } = weights;
  return {
    losses: Float32Array.from(losses),
    weights: new Uint8Array(buffer, byteOffset, byteLength).slice(),
  };
};

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  it('two runs with the same values are bit-identical', async () => {
    await useBackend({ backend, deterministic: true });
    const first = trainFromFixedValues();
    const second = trainFromFixedValues();
    expect(first.losses.at(-1)).toBeLessThan(first.losses[0] ?? 0);
    expect(second.losses).toEqual(first.losses);
    expect(Buffer.compare(second.weights, first.weights)).toBe(0);
  });
});
