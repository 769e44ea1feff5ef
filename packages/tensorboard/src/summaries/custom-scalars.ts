import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type ChartSchema,
  DataType,
  LayoutSchema,
  type Summary_Value,
  Summary_ValueSchema,
} from '@elistimator/protos';
import { SummaryValueError } from '../errors';
import { summaryMetadata } from './metadata';

/** A regular expression that tags are matched with, from their start. */
export type TagPattern = string | RegExp;

/** A line with a band around it, by the tags of three scalars. */
export interface MarginSeries {
  readonly value: string;
  readonly lower: string;
  readonly upper: string;
}

/** A chart of the custom scalars tab: several lines, or lines with bands. */
export type CustomChart =
  | { readonly title: string; readonly multiline: readonly TagPattern[] }
  | { readonly title: string; readonly margin: readonly MarginSeries[] };

/** Charts below one title. */
export interface ChartCategory {
  readonly title: string;
  readonly charts: readonly CustomChart[];
  /** Whether the charts are folded away at first; false by default. */
  readonly closed?: boolean | undefined;
}

/** The tag where TensorBoard looks for a layout. */
const LAYOUT_TAG = 'custom_scalars__config__';

const asChart = (chart: CustomChart): MessageInitShape<typeof ChartSchema> => {
  const { title } = chart;
  const lines = 'multiline' in chart ? chart.multiline : chart.margin;
  if (lines.length === 0) {
    const fix = 'Give patterns in multiline, or tags in margin.';
    throw new SummaryValueError(LAYOUT_TAG, `lines in chart "${title}"`, 'none', fix);
  }
  if ('margin' in chart) {
    return { title, content: { case: 'margin', value: { series: [...chart.margin] } } };
  }
  const tag = chart.multiline.map((pattern) =>
    typeof pattern === 'string' ? pattern : pattern.source,
  );
  return { title, content: { case: 'multiline', value: { tag } } };
};

/**
 * A layout for the custom scalars tab: which scalars share a chart.
 *
 * @throws SummaryValueError when a chart has no lines
 */
export const customScalarsSummary = (categories: readonly ChartCategory[]): Summary_Value => {
  const layout = create(LayoutSchema, {
    category: categories.map(({ title, charts, closed = false }) => ({
      title,
      closed,
      chart: charts.map(asChart),
    })),
  });
  return create(Summary_ValueSchema, {
    tag: LAYOUT_TAG,
    metadata: summaryMetadata('custom_scalars', {}),
    value: {
      case: 'tensor',
      value: {
        dtype: DataType.DT_STRING,
        tensorShape: {},
        stringVal: [toBinary(LayoutSchema, layout)],
      },
    },
  });
};
