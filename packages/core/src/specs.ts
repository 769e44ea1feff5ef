import type * as tf from '@tensorflow/tfjs';
import type { Lazy } from './lazy';
import type { Metric } from './metrics';

/** Metrics by name. */
// biome-ignore lint/suspicious/noExplicitAny: a metric's result may be of any type; `unknown` would refuse Metric<number> in `result`'s place.
export type MetricMap = Record<string, Metric<any>>;

/** Output tensors by name. */
export type OutputMap = Record<string, tf.Tensor>;

/** What training needs of a model: the loss to make small, and the optimizer that does it. */
export class TrainSpec {
  /** A scalar. */
  readonly loss: Lazy<tf.Tensor>;
  /** A function is called once, at the first training step; the optimizer it gives is kept. */
  readonly optimizer: Lazy<tf.Optimizer>;

  constructor(fields: { loss: Lazy<tf.Tensor>; optimizer: Lazy<tf.Optimizer> }) {
    this.loss = fields.loss;
    this.optimizer = fields.optimizer;
  }
}

/** What validation and evaluation need of a model. */
export class EvaluationSpec<M extends MetricMap = Record<string, Metric<number>>> {
  /** A scalar: the mean over the batch. Over a dataset, batches weigh by their examples. */
  readonly loss: Lazy<tf.Tensor>;
  readonly metrics: Lazy<M>;

  constructor(fields: { loss: Lazy<tf.Tensor>; metrics: Lazy<M> }) {
    this.loss = fields.loss;
    this.metrics = fields.metrics;
  }
}

/** What prediction gives back: tensors by name, whose first dimension is the batch. */
export class PredictSpec<O extends OutputMap = OutputMap> {
  readonly output: Lazy<O>;

  constructor(fields: { output: Lazy<O> }) {
    this.output = fields.output;
  }
}

/** What a model function returns. */
export type Specs<M extends MetricMap = MetricMap, O extends OutputMap = OutputMap> = readonly [
  TrainSpec,
  EvaluationSpec<M> | null,
  PredictSpec<O> | null,
];

/**
 * Describes a model: from a batch of features to its specs.
 *
 * It is called for every batch, so it must give the same operations each time; `layers.*` reuse the
 * variables that the first call made.
 *
 * @typeParam F the features by name, each a tensor whose first dimension is the batch
 * @typeParam P the parameters that the estimator was made with
 */
export type ModelFn<
  F = Record<string, tf.Tensor>,
  P = Record<string, unknown>,
  M extends MetricMap = MetricMap,
  O extends OutputMap = OutputMap,
> = (features: F, isTraining: boolean, params: P) => Specs<M, O>;

/**
 * Gives a model function its types where it is written, so that metric names and prediction keys are
 * inferred from what it returns.
 *
 * @example
 * const modelFn = defineModelFn((features: { x: tf.Tensor2D }, isTraining: boolean, params: Params) => […]);
 */
export const defineModelFn = <F, P, M extends MetricMap, O extends OutputMap>(
  modelFn: (features: F, isTraining: boolean, params: P) => Specs<M, O>,
): ModelFn<F, P, M, O> => modelFn;
