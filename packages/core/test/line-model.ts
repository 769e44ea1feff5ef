import * as tf from '@tensorflow/tfjs';
import {
  Dataset,
  defineModelFn,
  Estimator,
  EvaluationSpec,
  type Execution,
  layers,
  metrics,
  PredictSpec,
  TrainSpec,
} from '../src';
import { MemoryPorts } from './memory-ports';

/** Points on the line y = 3x + 1: two columns of shape `[count, 1]`. */
export const linePoints = (count: number) => {
  const x = Float32Array.from({ length: count }, (_, i) => (i % 17) / 17);
  return {
    x: { data: x, shape: [count, 1] },
    y: { data: x.map((value) => 3 * value + 1), shape: [count, 1] },
  };
};

export const lineInputFn =
  (count = 40, batchSize = 8, seed = 1) =>
  () =>
    Dataset.fromTensorSlices(linePoints(count)).shuffle(count, { seed }).batch(batchSize);

/** 5 batches for training, and 4 for validation, of which the last is smaller. */
export const lineInputs = {
  trainInputFn: lineInputFn(),
  validationInputFn: lineInputFn(20, 6),
};

interface LineFeatures {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
}

/** Fits a line. `params.optimizer` creates the optimizer; `params.rate` is the dropout rate. */
export const lineModelFn = defineModelFn(
  (
    features: LineFeatures,
    isTraining: boolean,
    params: { readonly optimizer?: () => tf.Optimizer; readonly rate?: number },
  ) => {
    const hidden = layers.dense(features.x, { units: 4 });
    const dropped = layers.dropout(hidden, { rate: params.rate ?? 0, training: isTraining });
    const line = layers.dense(dropped, { units: 1 });
    const loss = () => tf.losses.meanSquaredError(features.y, line) as tf.Scalar;
    return [
      new TrainSpec({ loss, optimizer: params.optimizer ?? (() => tf.train.sgd(0.1)) }),
      new EvaluationSpec({
        loss,
        metrics: () => ({
          error: metrics.meanAbsoluteError({ labels: features.y, predictions: line }),
        }),
      }),
      new PredictSpec({ output: { line } }),
    ];
  },
);

/** An estimator of the line model, and its ports to inspect. */
export const createLineEstimator = (
  params: Parameters<typeof lineModelFn>[2] = {},
  ports = new MemoryPorts(),
  execution?: Execution,
) => ({
  ports,
  estimator: new Estimator({ modelFn: lineModelFn, params, seed: 7, execution }, ports),
});
