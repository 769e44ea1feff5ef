import type * as tf from '@tensorflow/tfjs';
import type { HostValue } from '../dataset';
import type { Metric } from '../metrics';
import type { MetricMap } from '../specs';

/** What `validate()` and `evaluate()` give: each metric by name, and the loss. */
export type EvaluationResult<M extends MetricMap> = {
  readonly [Name in keyof M]: M[Name] extends Metric<infer Result> ? Result : never;
} & { readonly loss: number };

/** A feature as `predict()` takes it: a tensor, a typed array, `{ data, shape }`, or a nested array. */
export type FeatureInput = tf.Tensor | HostValue;

/** Features by name, as `predict()` takes them. */
export type FeatureInputs<F> = { readonly [Name in keyof F]?: FeatureInput };
