import { ExplainedTypeError } from '@elistimator/internal';
import type * as tf from '@tensorflow/tfjs';

/** Thrown for tensors, values or options that a metric cannot measure. */
export class MetricError extends ExplainedTypeError {
  override readonly name = 'MetricError';
}

/** A sum over all batches, in float64. */
export interface MetricTotal {
  /** The values in row-major order. */
  readonly data: Float64Array;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
}

/** The sums of a metric over all batches, under the names that its `update` returns. */
export type MetricTotals = Readonly<Record<string, MetricTotal>>;

/** Settings that a metric's result depends on in addition to the totals. Must be plain JSON. */
export type MetricConfig = Readonly<Record<string, number | string | boolean | null>>;

/**
 * A value measured over many batches. The result is exact: it does not depend on how the examples are
 * divided into batches.
 *
 * @typeParam R the type of the result
 */
export interface Metric<R = number> {
  /** The name of the function that made the metric, such as `accuracy`. */
  readonly kind: string;
  /** Together with `kind`, enough to rebuild `result` when a model is restored without its code. */
  readonly config: MetricConfig;
  /**
   * Returns tensors of one batch, by name, that can be summed over batches. Called once per batch,
   * inside a `tf.tidy`. It must not read tensor values or use the batch size in JavaScript, so that it
   * can be traced into a graph.
   */
  readonly update: () => Record<string, tf.Tensor>;
  /** Computes the value from the totals over all batches. */
  readonly result: (totals: MetricTotals) => R;
}

/** For each kind of metric, a function that makes its `result` from a stored `config`. */
export type ResultBuilders = Readonly<
  Record<string, (config: MetricConfig) => (totals: MetricTotals) => unknown>
>;

/** The values of a total; a single zero when nothing was added. */
export const valuesOf = (totals: MetricTotals, name: string): Float64Array =>
  totals[name]?.data ?? new Float64Array(1);

/** A scalar total; zero when nothing was added. */
export const scalarOf = (totals: MetricTotals, name: string): number =>
  valuesOf(totals, name)[0] ?? 0;

/** Divides; zero where the denominator is zero, as in TensorFlow's metrics. */
export const divideNoNan = (numerator: number, denominator: number): number =>
  denominator === 0 ? 0 : numerator / denominator;

/**
 * Reads a number from a metric's config.
 *
 * @throws MetricError when the config has no number of this name
 */
export const numberIn = (config: MetricConfig, name: string): number => {
  const value = config[name];
  if (typeof value === 'number') return value;
  throw new MetricError({
    subject: `metric config "${name}"`,
    expected: 'a number',
    actual: String(value),
    fix: 'Pass the config that was stored with the metric.',
  });
};
