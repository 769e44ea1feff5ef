import type * as tf from '@tensorflow/tfjs';
import type { HostValue } from '../dataset';
import type { Metric } from '../metrics';
import type { MetricMap } from '../specs';

/** The result of `validate()` and `evaluate()`: each metric by name, and the loss over all examples. */
export type EvaluationResult<M extends MetricMap> = {
  readonly [Name in keyof M]: M[Name] extends Metric<infer Result> ? Result : never;
} & { readonly loss: number };

/** A feature as `predict()` takes it: a tensor, a typed array, `{ data, shape }`, or a nested array. */
export type FeatureInput = tf.Tensor | HostValue;

/** Features by name, as `predict()` takes them. Those that the outputs do not need may be absent. */
export type FeatureInputs<F> = { readonly [Name in keyof F]?: FeatureInput };
