import { create, toBinary } from '@bufbuild/protobuf';
import { DataType, PrCurvePluginDataSchema, type Summary_Value } from '@elistimator/protos';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { readNumbers, type TensorLike } from '../tensor-like';
import {
  float32Bytes,
  type SummaryOptions,
  summaryMetadata,
  tensorShape,
  tensorSummary,
} from './summary-value';

/** Options of a precision-recall curve. */
export interface PrCurveOptions extends SummaryOptions {
  /** Number of thresholds, evenly distributed in 0..1. Default: 201. */
  readonly numThresholds?: number | undefined;
  /** Weight of each example, or a common one. Default: 1. */
  readonly weights?: TensorLike | ArrayLike<number> | number | undefined;
}

const DEFAULT_THRESHOLDS = 201;
const ROWS = 6;

const assertCount = (tag: string, what: string, actual: number, expected: number): void => {
  if (actual === expected) return;
  const fix = 'Pass one for each prediction.';
  throw new SummaryValueError(tag, `${expected} ${what}`, String(actual), fix);
};

const readExamples = (
  tag: string,
  labels: TensorLike | ArrayLike<number>,
  predictions: TensorLike | ArrayLike<number>,
  weights: TensorLike | ArrayLike<number> | number,
): ScoredExamples => {
  const scores = readNumbers(tag, predictions).data;
  const truths = readNumbers(tag, labels).data;
  assertCount(tag, 'labels', truths.length, scores.length);
  if (typeof weights === 'number') return { scores, truths, weights };
  const exampleWeights = readNumbers(tag, weights).data;
  assertCount(tag, 'weights', exampleWeights.length, scores.length);
  return { scores, truths, weights: exampleWeights };
};

/**
 * A precision-recall curve of a binary classifier for the PR curves tab.
 *
 * @param labels 0 or 1 (or a boolean) for each example, of any shape
 * @param predictions a score in 0..1 for each example; other values are clipped
 * @throws SummaryValueError if sizes differ, a label is not 0 or 1, a prediction is NaN, or a weight is
 *   not finite; SummaryOptionError
 */
export const prCurveSummary = (
  tag: string,
  labels: TensorLike | ArrayLike<number>,
  predictions: TensorLike | ArrayLike<number>,
  options: PrCurveOptions,
): Summary_Value => {
  const { numThresholds = DEFAULT_THRESHOLDS, weights = 1 } = options;
  if (!Number.isInteger(numThresholds) || numThresholds < 2) {
    const fix = `Omit it to use ${DEFAULT_THRESHOLDS}.`;
    const expected = 'an integer of at least 2';
    throw new SummaryOptionError('numThresholds', expected, numThresholds, fix);
  }
  const rows = prCurveRows(tag, readExamples(tag, labels, predictions, weights), numThresholds);
  const content = toBinary(
    PrCurvePluginDataSchema,
    create(PrCurvePluginDataSchema, { numThresholds }),
  );
  return tensorSummary(tag, summaryMetadata('pr_curves', options, { content }), {
    dtype: DataType.DT_FLOAT,
    tensorShape: tensorShape([ROWS, numThresholds]),
    tensorContent: float32Bytes(rows),
  });
};

interface ScoredExamples {
  readonly scores: ArrayLike<number>;
  readonly truths: ArrayLike<number>;
  /** One for each example, or a common one. */
  readonly weights: ArrayLike<number> | number;
}

/** Avoids a division by zero if there are no examples. TensorBoard uses the same number. */
const MINIMUM_COUNT = 1e-7;

const assertExample = (tag: string, i: number, truth: number, score: number, weight: number) => {
  if (truth !== 0 && truth !== 1) {
    const fix = 'Convert the labels to 0 and 1.';
    throw new SummaryValueError(tag, 'labels that are 0 or 1', `${truth} at index ${i}`, fix);
  }
  if (Number.isNaN(score) || !Number.isFinite(weight)) {
    const actual = `prediction ${score} with weight ${weight} at index ${i}`;
    const fix = 'Remove such examples.';
    throw new SummaryValueError(tag, 'predictions and weights that are numbers', actual, fix);
  }
};

/** Adds to each bucket all later ones. */
const accumulateFromEnd = (buckets: Float64Array): void => {
  for (let i = buckets.length - 2; i >= 0; i--) {
    buckets[i] = Number(buckets[i]) + Number(buckets[i + 1]);
  }
};

/**
 * True and false positives, true and false negatives, precision and recall at each threshold
 * `i / (numThresholds - 1)`. An example counts as positive if its prediction is at least the threshold.
 * Source: TensorBoard's `plugins/pr_curve/summary.py`, which also computes the bucket in float32.
 *
 * @returns flat `[6, numThresholds]`
 * @throws SummaryValueError if a label is not 0 or 1, a prediction is NaN, or a weight is not finite
 */
export const prCurveRows = (
  tag: string,
  { scores, truths, weights }: ScoredExamples,
  numThresholds: number,
): Float64Array => {
  const truePositives = new Float64Array(numThresholds);
  const falsePositives = new Float64Array(numThresholds);
  for (let i = 0; i < scores.length; i++) {
    const [truth, score] = [Number(truths[i]), Number(scores[i])];
    const weight = typeof weights === 'number' ? weights : Number(weights[i]);
    assertExample(tag, i, truth, score, weight);
    const clipped = Math.fround(Math.min(1, Math.max(0, score)));
    const bucket = Math.floor(Math.fround(clipped * (numThresholds - 1)));
    const counts = truth === 1 ? truePositives : falsePositives;
    counts[bucket] = Number(counts[bucket]) + weight;
  }
  accumulateFromEnd(truePositives);
  accumulateFromEnd(falsePositives);
  const rows = new Float64Array(ROWS * numThresholds);
  const [positives, negatives] = [Number(truePositives[0]), Number(falsePositives[0])];
  for (let i = 0; i < numThresholds; i++) {
    const [tp, fp] = [Number(truePositives[i]), Number(falsePositives[i])];
    const fn = positives - tp;
    const precision = tp / Math.max(MINIMUM_COUNT, tp + fp);
    const recall = tp / Math.max(MINIMUM_COUNT, tp + fn);
    [tp, fp, negatives - fp, fn, precision, recall].forEach((value, row) => {
      rows[row * numThresholds + i] = value;
    });
  }
  return rows;
};
