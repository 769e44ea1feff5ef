// Masks on the backend that a plain install uses, against cpu.
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import {
  Dataset,
  defineModelFn,
  Elistimator,
  EvaluationSpec,
  layers,
  metrics,
  TrainSpec,
} from '../src';

const inputFn = () =>
  Dataset.fromTensorSlices({
    words: {
      data: Int32Array.of(3, 1, 4, 0, 0, 5, 2, 0, 6, 0, 1, 0, 0, 0, 0, 2, 3, 4, 5, 6),
      shape: [4, 5],
    },
    y: { data: Float32Array.of(0, 1, 1, 0), shape: [4, 1] },
  }).batch(2);

const modelFn = defineModelFn((features: { words: tf.Tensor2D; y: tf.Tensor2D }) => {
  const embed = () =>
    layers.embedding(features.words, { inputDim: 7, outputDim: 4, maskZero: true });
  const [a, b] = [embed(), layers.masking(layers.dense(embed(), { units: 4 }))];
  const merged = [layers.multiply([a, b]), layers.maximum([a, b]), layers.minimum([a, b])];
  const x = layers.batchNormalization(layers.concatenate([layers.add([a, b]), ...merged]));
  const steps = layers.timeDistributed(x, { layer: tf.layers.dense({ units: 3 }) });
  const joined = layers.concatenate(
    [steps, layers.timeDistributed(a, { layer: tf.layers.dense({ units: 3 }) })],
    { axis: 1 },
  );
  const both = layers.bidirectional(joined, {
    layer: tf.layers.gru({ units: 2, returnSequences: true }),
  });
  const scores = layers.setMask(
    layers.dense(both, { units: 1 }).squeeze<tf.Tensor2D>([2]),
    layers.getMask(both),
  );
  const weights = layers.softmax(scores, { axis: -1 }).expandDims(2);
  const summed = tf.sum(tf.mul(both, weights), 1);
  const pooled = layers.globalAveragePooling1d(both);
  const logits = layers.dense(tf.concat([summed, pooled, layers.lstm(both, { units: 2 })], 1), {
    units: 1,
  });
  const loss = () => tf.losses.sigmoidCrossEntropy(features.y, logits) as tf.Scalar;
  return [
    new TrainSpec({ loss, optimizer: () => tf.train.adam(0.01) }),
    new EvaluationSpec({
      loss,
      metrics: () => ({
        score: metrics.mean({ values: scores }),
        f1: metrics.f1({ labels: features.y, predictions: tf.sigmoid(logits) }),
      }),
    }),
    null,
  ];
});

const run = async (backend: 'cpu' | 'wasm', execution: 'eager' | 'graph') => {
  const estimator = new Elistimator({
    modelFn,
    sessionArgs: { backend, seed: 5, execution },
    progress: false,
  });
  await estimator.setup({ trainInputFn: inputFn, validationInputFn: inputFn });
  for (let round = 0; round < 3; round++) await estimator.train();
  const { loss, score, f1 } = await estimator.validate();
  await estimator.close();
  return [loss, score, f1];
};

it('give the numbers of cpu, eagerly and as a graph', async () => {
  const wasm = await run('wasm', 'eager');
  expect(await run('wasm', 'graph')).toEqual(wasm);
  // Adam divides tiny differences of the kernels by tiny gradients.
  expect(wasm).toEqual((await run('cpu', 'eager')).map((value) => expect.closeTo(value, 3)));
});
