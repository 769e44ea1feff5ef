import * as tf from '@tensorflow/tfjs';
import {
  Dataset,
  defineModelFn,
  EvaluationSpec,
  layers,
  metrics,
  PredictSpec,
  TrainSpec,
} from '../src';

const CLASSES = 4;
const PIXELS = 16;

/** Noisy pictures of four kinds of stripes, `[count, 16]` in 0..1, and their kinds, `[count]` in 0..3. */
export const stripes = (count: number, seed: number) => {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const labels = Int32Array.from({ length: count }, () => Math.floor(random() * CLASSES));
  const data = new Float32Array(count * PIXELS);
  labels.forEach((label, row) => {
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const lit = pixel % CLASSES === label ? 0.6 : 0.3;
      data[row * PIXELS + pixel] = lit + 0.4 * random();
    }
  });
  return { images: { data, shape: [count, PIXELS] }, labels };
};

export const trainStripes = stripes(320, 1);
export const testStripes = stripes(100, 2);

export const trainInputFn = () =>
  Dataset.fromTensorSlices(trainStripes).shuffle(320, { seed: 1 }).batch(32).prefetch(1);
export const validationInputFn = () => Dataset.fromTensorSlices(testStripes).batch(32);

export const stripesModelFn = defineModelFn(
  (
    features: { readonly images: tf.Tensor2D; readonly labels: tf.Tensor1D },
    isTraining: boolean,
    params: { readonly units: number },
  ) => {
    const hidden = layers.dense(features.images, { units: params.units, activation: 'relu' });
    const dropped = layers.dropout(hidden, { rate: 0.1, training: isTraining });
    const logits = layers.dense(dropped, { units: CLASSES });
    const classes = tf.argMax(logits, 1) as tf.Tensor1D;
    const probabilities = tf.softmax(logits) as tf.Tensor2D;
    const loss = () =>
      tf.losses.softmaxCrossEntropy(tf.oneHot(features.labels, CLASSES), logits) as tf.Scalar;
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.adam(0.01) }),
      new EvaluationSpec({
        loss,
        metrics: () => ({
          accuracy: metrics.accuracy({ labels: features.labels, predictions: classes }),
        }),
      }),
      new PredictSpec({ output: { classes, probabilities } }),
    ];
  },
);
