import { SummaryValueError } from '../errors';

/** Examples of a binary classifier. */
export interface PrCounts {
  readonly scores: ArrayLike<number>;
  readonly truths: ArrayLike<number>;
  /** One for each example, or one for all. */
  readonly weights: ArrayLike<number> | number;
}

/** Keeps a division by no examples at 0. TensorBoard's own number. */
const MINIMUM_COUNT = 1e-7;

const checkExample = (tag: string, i: number, truth: number, score: number, weight: number) => {
  if (truth !== 0 && truth !== 1) {
    const fix = 'Binarize the labels first.';
    throw new SummaryValueError(tag, 'labels 0 or 1', `${truth} at index ${i}`, fix);
  }
  if (Number.isNaN(score) || !Number.isFinite(weight)) {
    const actual = `prediction ${score} of weight ${weight} at index ${i}`;
    const fix = 'Leave such examples out.';
    throw new SummaryValueError(tag, 'predictions and weights that are numbers', actual, fix);
  }
};

/** Each bucket with all behind it. */
const sumFromBehind = (buckets: Float64Array): void => {
  for (let i = buckets.length - 2; i >= 0; i--) {
    buckets[i] = Number(buckets[i]) + Number(buckets[i + 1]);
  }
};

/**
 * True and false positives, true and false negatives, precision and recall at each threshold
 * `i / (numThresholds - 1)`; an example is positive when its prediction is the threshold or more.
 * Source: TensorBoard's `plugins/pr_curve/summary.py`; the bucket is found in float32 as there.
 *
 * @returns flat `[6, numThresholds]`
 * @throws SummaryValueError at a label that is not 0 or 1, or what is no number
 */
export const prCurveRows = (
  tag: string,
  { scores, truths, weights }: PrCounts,
  numThresholds: number,
): Float64Array => {
  const truePositives = new Float64Array(numThresholds);
  const falsePositives = new Float64Array(numThresholds);
  for (let i = 0; i < scores.length; i++) {
    const [truth, score] = [Number(truths[i]), Number(scores[i])];
    const weight = typeof weights === 'number' ? weights : Number(weights[i]);
    checkExample(tag, i, truth, score, weight);
    const clipped = Math.fround(Math.min(1, Math.max(0, score)));
    const bucket = Math.floor(Math.fround(clipped * (numThresholds - 1)));
    const counts = truth === 1 ? truePositives : falsePositives;
    counts[bucket] = Number(counts[bucket]) + weight;
  }
  sumFromBehind(truePositives);
  sumFromBehind(falsePositives);
  const rows = new Float64Array(6 * numThresholds);
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
