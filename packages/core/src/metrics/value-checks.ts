import * as tf from '@tensorflow/tfjs';
import { MetricError, type MetricTotals, scalarOf } from './metric';

/*
 * NaN compares as false with everything, so it would silently count as a negative or as wrong, and so would
 * values that are no probabilities. TensorFlow asserts on the device. Here values are counted there, and the
 * result of the metric throws, so that no batch waits for the device.
 */

const sumOf = (isCounted: tf.Tensor): tf.Tensor => tf.sum(tf.cast(isCounted, 'float32'));

/**
 * How many values with a weight are NaN, or outside a range.
 *
 * @param weights of the shape of the values
 * @param range both ends belong to it. Default: any number
 */
export const countInvalid = (
  values: tf.Tensor,
  weights: tf.Tensor,
  range?: readonly [low: number, high: number],
): tf.Tensor => {
  const x = tf.cast(values, 'float32');
  const isInvalid =
    range === undefined
      ? tf.isNaN(x)
      : tf.logicalNot(tf.logicalAnd(tf.greaterEqual(x, range[0]), tf.lessEqual(x, range[1])));
  return sumOf(tf.logicalAnd(isInvalid, tf.notEqual(weights, 0)));
};

/** The total that counts NaN among labels; none for dtypes that have no NaN. */
export const labelCheck = (labels: tf.Tensor, weights: tf.Tensor): { invalidLabels?: tf.Tensor } =>
  labels.dtype === 'float32' ? { invalidLabels: countInvalid(labels, weights) } : {};

/** The total that counts predictions that are NaN, or outside a range. */
export const predictionCheck = (
  predictions: tf.Tensor,
  weights: tf.Tensor,
  range?: readonly [low: number, high: number],
): { outside?: tf.Tensor } =>
  range === undefined && predictions.dtype !== 'float32'
    ? {}
    : { outside: countInvalid(predictions, weights, range) };

interface Expectation {
  readonly expected: string;
  readonly fix: string;
}

const numbers: Expectation = {
  expected: 'numbers',
  fix: 'Find the operation that made NaN, or give these values the weight 0.',
};

/** @throws MetricError when labels were NaN, or predictions were not as expected */
export const assertValid = (
  kind: string,
  totals: MetricTotals,
  { expected, fix }: Expectation = numbers,
): void => {
  const labels = scalarOf(totals, 'invalidLabels');
  if (labels > 0) {
    throw new MetricError({
      subject: `labels of metrics.${kind}`,
      expected: numbers.expected,
      actual: `${labels} that are NaN`,
      fix: 'Check the data, or give these values the weight 0.',
    });
  }
  const outside = scalarOf(totals, 'outside');
  if (outside > 0) {
    throw new MetricError({
      subject: `predictions of metrics.${kind}`,
      expected,
      actual:
        expected === numbers.expected
          ? `${outside} that are NaN`
          : `${outside} outside that range, or NaN`,
      fix,
    });
  }
};

/** @throws MetricError when an option is not a finite number */
export const assertFinite = (kind: string, option: string, value: unknown): void => {
  if (Number.isFinite(value)) return;
  throw new MetricError({
    subject: `option "${option}" of metrics.${kind}`,
    expected: 'a finite number',
    actual: typeof value === 'string' ? `"${value}"` : String(value),
    fix: 'Pass a number such as 0.5.',
  });
};

/** @throws MetricError when an option is not an integer of at least `minimum` */
export const assertIntegerAtLeast = (
  minimum: number,
  kind: string,
  option: string,
  value: unknown,
  fix: string,
): void => {
  if (Number.isSafeInteger(value) && Number(value) >= minimum) return;
  throw new MetricError({
    subject: `option "${option}" of metrics.${kind}`,
    expected: `an integer of at least ${minimum}`,
    actual: typeof value === 'string' ? `"${value}"` : String(value),
    fix,
  });
};

/**
 * Probabilities are expected at a threshold between 0 and 1. Any other threshold is one of logits.
 *
 * @returns undefined for any number
 */
export const rangeAt = (threshold: number): readonly [0, 1] | undefined =>
  threshold > 0 && threshold < 1 ? [0, 1] : undefined;

const probabilities: Expectation = {
  expected: 'probabilities from 0 to 1',
  fix: 'For logits set "threshold" to 0, or pass tf.sigmoid(logits).',
};

/** @throws MetricError when a value could not be compared with the threshold as was meant */
export const assertValidAt = (kind: string, threshold: number, totals: MetricTotals): void =>
  assertValid(kind, totals, rangeAt(threshold) && probabilities);
