// The model of shared-directory.test.ts and of the processes that it starts.
import * as tf from '@tensorflow/tfjs';
import { Dataset, defineModelFn, EvaluationSpec, layers, PredictSpec, TrainSpec } from '../src';

export const lineModelFn = defineModelFn((features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
  const line = layers.dense(features.x, { units: 1 });
  const loss = () => tf.losses.meanSquaredError(features.y, line);
  return [
    new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.05) }),
    new EvaluationSpec({ loss, metrics: {} }),
    new PredictSpec({ output: { line } }),
  ];
});

const x = Array.from({ length: 40 }, (_, index) => [index / 40]);

/** 10 batches of points on the line y = x + 2. */
export const lineInputFn = () =>
  Dataset.fromTensorSlices({ x, y: x.map(([value = 0]) => [value + 2]) }).batch(4);

export const lineOptions = (modelDir: string) =>
  ({
    modelFn: lineModelFn,
    modelDir,
    sessionArgs: { backend: 'cpu', seed: 3 },
    progress: false,
  }) as const;
