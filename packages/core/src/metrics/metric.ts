import type * as tf from '@tensorflow/tfjs';
import { MetricError } from './metric-error';

/** A sum over all batches, in float64. */
export interface MetricTotal {
  /** Row-major. */
  readonly data: Float64Array;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
}

/** The sums of a metric over all batches, by the names that its `update` gives them. */
export type MetricTotals = Readonly<Record<string, MetricTotal>>;

/** What a metric's result needs beside the totals; plain JSON. */
export type MetricConfig = Readonly<Record<string, number | string | boolean | null>>;

/** A value measured over many batches, exactly: it doesn't depend on how examples were batched. */
export interface Metric<R = number> {
  /** Which metric it is: the name of the function that made it. */
  readonly kind: string;
  /** With `kind`, enough to rebuild `result` from JSON; see `metricResult`. */
  readonly config: MetricConfig;
  /**
   * Tensors of one batch that add up over batches, by name. The engine calls it once a batch, in a
   * tidy. No value is read in JavaScript and no size of the batch goes into it, so it can be traced.
   */
  readonly update: () => Record<string, tf.Tensor>;
  /** The value, from the totals over all batches. */
  readonly result: (totals: MetricTotals) => R;
}

/** The values of a total; one zero when nothing was added. */
export const valuesOf = (totals: MetricTotals, name: string): Float64Array =>
  totals[name]?.data ?? new Float64Array(1);

/** A scalar total; zero when nothing was added. */
export const scalarOf = (totals: MetricTotals, name: string): number =>
  valuesOf(totals, name)[0] ?? 0;

/** A quotient; zero where the denominator is, as in TensorFlow's metrics. */
export const divideNoNan = (numerator: number, denominator: number): number =>
  denominator === 0 ? 0 : numerator / denominator;

/**
 * A number that a metric's config must hold.
 *
 * @throws MetricError when it is missing
 */
export const numberIn = (config: MetricConfig, name: string): number => {
  const value = config[name];
  if (typeof value === 'number') return value;
  throw new MetricError({
    subject: `metric config "${name}"`,
    expected: 'a number',
    actual: String(value),
    fix: 'Use the config of the metric that was stored.',
  });
};
