import { checkedFunction, kinds, required, requiredOptions } from '@elistimator/internal';
import type * as tf from '@tensorflow/tfjs';
import type { Lazy } from './lazy';
import type { Metric } from './metrics';

/** Metrics by name. */
export type MetricMap = Record<string, Metric<unknown>>;

/** Output tensors by name. */
export type OutputMap = Record<string, tf.Tensor>;

// Prepared once: a model function creates its specs in every step.
const specChecker = (name: string, ...fieldNames: readonly string[]) =>
  checkedFunction(
    `new ${name}()`,
    {
      fields: requiredOptions<object>(
        Object.fromEntries(fieldNames.map((field) => [field, required()])),
      ),
    },
    (_fields: object): void => {},
  );
const checkTrainSpec = specChecker('TrainSpec', 'loss', 'optimizer');
const checkEvaluationSpec = specChecker('EvaluationSpec', 'loss', 'metrics');
const checkPredictSpec = specChecker('PredictSpec', 'output');

/** The training part of a model: the loss to minimize, and the optimizer. */
export class TrainSpec {
  /**
   * A scalar, usually the mean over the batch. The penalties of regularizers are added to it.
   *
   * The functions of `tf.losses` divide by the number of weights that are not 0. The loss of a batch whose
   * weights are all 0 is therefore NaN, and so is the model after a step on it. To skip such a batch,
   * divide by `tf.maximum(tf.sum(weights), 1e-7)` instead.
   */
  readonly loss: Lazy<tf.Tensor>;
  /** A function is called once, when the model is built, and its optimizer is kept. */
  readonly optimizer: Lazy<tf.Optimizer>;

  constructor(fields: { loss: Lazy<tf.Tensor>; optimizer: Lazy<tf.Optimizer> }) {
    Reflect.apply(checkTrainSpec, undefined, arguments);
    this.loss = fields.loss;
    this.optimizer = fields.optimizer;
  }
}

/** The part of a model that validation and evaluation use. */
export class EvaluationSpec<M extends MetricMap = MetricMap> {
  /**
   * A scalar: the mean over the batch. Over a dataset, batches are weighted by their number of examples,
   * and those without examples are skipped. A batch whose loss is NaN, such as one whose weights are all 0
   * in `tf.losses`, makes the result NaN, which is reported with the number of the batch.
   *
   * The penalties of regularizers are not part of it, unlike in Keras's `evaluate()`: it measures how well
   * the model predicts, whereas the training loss is what is minimized.
   */
  readonly loss: Lazy<tf.Tensor>;
  readonly metrics: Lazy<M>;

  constructor(fields: { loss: Lazy<tf.Tensor>; metrics: Lazy<M> }) {
    Reflect.apply(checkEvaluationSpec, undefined, arguments);
    this.loss = fields.loss;
    this.metrics = fields.metrics;
  }
}

/** The outputs of prediction: tensors by name, whose first dimension is the batch. */
export class PredictSpec<O extends OutputMap = OutputMap> {
  readonly output: Lazy<O>;

  constructor(fields: { output: Lazy<O> }) {
    Reflect.apply(checkPredictSpec, undefined, arguments);
    this.output = fields.output;
  }
}

/** The return value of a model function. */
export type Specs<M extends MetricMap = MetricMap, O extends OutputMap = OutputMap> = readonly [
  TrainSpec,
  EvaluationSpec<M> | null,
  PredictSpec<O> | null,
];

/**
 * Describes a model: from a batch of features to its specs.
 *
 * It is called for every batch, so it must apply the same operations each time; `layers.*` reuse the
 * variables that the first call created.
 *
 * @typeParam F the features by name, each a tensor whose first dimension is the batch
 * @typeParam P the parameters of the estimator
 */
export type ModelFn<
  F = Record<string, tf.Tensor>,
  P = Record<string, unknown>,
  M extends MetricMap = MetricMap,
  O extends OutputMap = OutputMap,
> = (features: F, isTraining: boolean, params: P) => Specs<M, O>;

/** Any model function, whatever its features and parameters. */
export type AnyModelFn = (features: never, isTraining: boolean, params: never) => Specs;

/**
 * Infers a model function's types where it is written, so that metric names and prediction keys follow
 * from what it returns.
 *
 * @example
 * const modelFn = defineModelFn((features: { x: tf.Tensor2D }, isTraining: boolean, params: Params) => […]);
 */
export const defineModelFn = checkedFunction(
  'defineModelFn()',
  { modelFn: required(kinds.callback) },
  <const Fn extends AnyModelFn>(modelFn: Fn): Fn => modelFn,
);

type IsNever<T> = [T] extends [never] ? true : false;
type IsUnknown<T> = unknown extends T ? true : false;

/** The features of a model function, by name. */
export type FeaturesOf<Fn extends AnyModelFn> = Fn extends (
  features: infer F,
  ...rest: never[]
) => unknown
  ? IsNever<F> extends true
    ? Record<string, tf.Tensor>
    : IsUnknown<F> extends true
      ? Record<string, tf.Tensor>
      : F
  : never;

/** The parameters of a model function; `unknown` for one that takes none. */
export type ParamsOf<Fn extends AnyModelFn> = Fn extends (
  features: never,
  isTraining: boolean,
  params: infer P,
) => unknown
  ? IsNever<P> extends true
    ? unknown
    : P
  : unknown;

type OrNone<T> = IsNever<T> extends true ? Record<never, never> : T;

/** The metrics of a model function's EvaluationSpec, by name; none if it returns null for the spec. */
export type MetricsOf<Fn extends AnyModelFn> = ReturnType<Fn>[1] extends infer Spec
  ? OrNone<Spec extends EvaluationSpec<infer M> ? M : never>
  : never;

/** The outputs of a model function's PredictSpec, by name; none if it returns null for the spec. */
export type OutputsOf<Fn extends AnyModelFn> = ReturnType<Fn>[2] extends infer Spec
  ? OrNone<Spec extends PredictSpec<infer O> ? O : never>
  : never;

/** An options object with the `params` of a model function: required unless `{}` is enough. */
export type ParamsOption<Fn extends AnyModelFn> =
  IsNever<Extract<Record<never, never> | undefined, ParamsOf<Fn>>> extends true
    ? {
        /** Passed to the model function as they are. */
        readonly params: ParamsOf<Fn>;
      }
    : {
        /** Passed to the model function as they are. Default: an empty object. */
        readonly params?: ParamsOf<Fn> | undefined;
      };
