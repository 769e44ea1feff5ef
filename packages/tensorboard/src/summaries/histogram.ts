import { create } from '@bufbuild/protobuf';
import { DataType, type Summary_Value, Summary_ValueSchema } from '@elistimator/protos';
import { readNumbers, type TensorLike } from '../tensor-like';
import { DEFAULT_BUCKETS, histogramBuckets } from './histogram-buckets';
import { type SummaryOptions, summaryMetadata } from './metadata';
import { float64Bytes } from './tensor-bytes';

/** How a histogram is counted and shown. */
export interface HistogramOptions extends SummaryOptions {
  /** 30 by default. */
  readonly buckets?: number | undefined;
}

/**
 * The distribution of a tensor's values, for the histograms and the distributions tab.
 *
 * @param values any shape, or just numbers
 * @throws SummaryValueError when a value is not finite, or the shape doesn't hold the values
 */
export const histogramSummary = (
  tag: string,
  values: TensorLike | ArrayLike<number>,
  options: HistogramOptions,
): Summary_Value => {
  const { data } = readNumbers(tag, values);
  const buckets = options.buckets ?? DEFAULT_BUCKETS;
  const rows = histogramBuckets(tag, data, buckets);
  return create(Summary_ValueSchema, {
    tag,
    metadata: summaryMetadata('histograms', options),
    value: {
      case: 'tensor',
      value: {
        dtype: DataType.DT_DOUBLE,
        tensorShape: { dim: [{ size: BigInt(buckets) }, { size: 3n }] },
        tensorContent: float64Bytes(rows),
      },
    },
  });
};
