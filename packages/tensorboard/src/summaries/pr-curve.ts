import { create, toBinary } from '@bufbuild/protobuf';
import {
  DataType,
  PrCurvePluginDataSchema,
  type Summary_Value,
  Summary_ValueSchema,
} from '@elistimator/protos';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { readNumbers, type TensorLike } from '../tensor-like';
import { type SummaryOptions, summaryMetadata } from './metadata';
import { type PrCounts, prCurveRows } from './pr-curve-rows';
import { float32Bytes } from './tensor-bytes';

/** How a precision-recall curve is computed. */
export interface PrCurveOptions extends SummaryOptions {
  /** Thresholds, evenly distributed in 0..1; 201 by default. */
  readonly numThresholds?: number | undefined;
  /** What each example counts: one number for each, or one for all; 1 by default. */
  readonly weights?: TensorLike | ArrayLike<number> | number | undefined;
}

const DEFAULT_THRESHOLDS = 201;
const ROWS = 6n;

const checkSize = (tag: string, what: string, actual: number, expected: number): void => {
  if (actual === expected) return;
  const fix = 'Give one for each prediction.';
  throw new SummaryValueError(tag, `${expected} ${what}`, String(actual), fix);
};

const readCounts = (
  tag: string,
  labels: TensorLike | ArrayLike<number>,
  predictions: TensorLike | ArrayLike<number>,
  weights: TensorLike | ArrayLike<number> | number,
): PrCounts => {
  const scores = readNumbers(tag, predictions).data;
  const truths = readNumbers(tag, labels).data;
  checkSize(tag, 'labels', truths.length, scores.length);
  if (typeof weights === 'number') return { scores, truths, weights };
  const counts = readNumbers(tag, weights).data;
  checkSize(tag, 'weights', counts.length, scores.length);
  return { scores, truths, weights: counts };
};

/**
 * A precision-recall curve of a binary classifier, for the PR curves tab.
 *
 * @param labels 0 or 1 (or booleans) for each example, of any shape
 * @param predictions as many, in 0..1; what lies outside is clipped
 * @throws SummaryValueError when sizes differ, a label is another value, or a prediction or weight is
 *   not a number; SummaryOptionError
 */
export const prCurveSummary = (
  tag: string,
  labels: TensorLike | ArrayLike<number>,
  predictions: TensorLike | ArrayLike<number>,
  options: PrCurveOptions,
): Summary_Value => {
  const { numThresholds = DEFAULT_THRESHOLDS, weights = 1 } = options;
  if (!Number.isInteger(numThresholds) || numThresholds < 2) {
    const fix = `Leave it out for ${DEFAULT_THRESHOLDS}.`;
    throw new SummaryOptionError('numThresholds', 'a whole number, 2 or more', numThresholds, fix);
  }
  const rows = prCurveRows(tag, readCounts(tag, labels, predictions, weights), numThresholds);
  const content = toBinary(
    PrCurvePluginDataSchema,
    create(PrCurvePluginDataSchema, { numThresholds }),
  );
  return create(Summary_ValueSchema, {
    tag,
    metadata: summaryMetadata('pr_curves', options, { content }),
    value: {
      case: 'tensor',
      value: {
        dtype: DataType.DT_FLOAT,
        tensorShape: { dim: [{ size: ROWS }, { size: BigInt(numThresholds) }] },
        tensorContent: float32Bytes(rows),
      },
    },
  });
};
