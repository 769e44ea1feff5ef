import * as tf from '@tensorflow/tfjs';
import {
  Dataset,
  defineModelFn,
  EvaluationSpec,
  layers,
  PredictSpec,
  TrainSpec,
} from 'elistimator';

const xs = Float32Array.from({ length: 64 }, (_, i) => i / 64);
const ys = xs.map((x, i) => 3 * x + 1 + 0.1 * Math.sin(1000 * i));

/** Batches of 8 from 64 points near the line y = 3x + 1. */
export const lineInputFn = () =>
  Dataset.fromTensorSlices({ x: { data: xs, shape: [64, 1] }, y: { data: ys, shape: [64, 1] } })
    .shuffle(64, { seed: 1 })
    .batch(8);

/** One dense layer that fits a line. */
export const lineModelFn = defineModelFn(
  (features: { readonly x: tf.Tensor2D; readonly y: tf.Tensor2D }) => {
    const line = layers.dense(features.x, { units: 1 });
    const loss = () => tf.losses.meanSquaredError(features.y, line);
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.adam(0.1) }),
      new EvaluationSpec({ loss, metrics: {} }),
      new PredictSpec({ output: { line } }),
    ];
  },
);
