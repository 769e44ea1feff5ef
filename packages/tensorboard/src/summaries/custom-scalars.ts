import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type ChartSchema, DataType, LayoutSchema, type Summary_Value } from '@elistimator/protos';
import { SummaryValueError } from '../errors';
import { summaryMetadata, tensorSummary } from './summary-value';

/** A regular expression that matches tags from their start. */
export type TagPattern = string | RegExp;

/** A line with a band around it, given by the tags of three scalars. */
export interface MarginSeries {
  readonly value: string;
  readonly lower: string;
  readonly upper: string;
}

/** A chart in the custom scalars tab: several lines, or lines with bands. */
export type CustomChart =
  | { readonly title: string; readonly multiline: readonly TagPattern[] }
  | { readonly title: string; readonly margin: readonly MarginSeries[] };

/** Charts under a common title. */
export interface ChartCategory {
  readonly title: string;
  readonly charts: readonly CustomChart[];
  /** Collapses the charts at first. Default: false. */
  readonly closed?: boolean | undefined;
}

/** The tag under which TensorBoard expects a layout. */
const LAYOUT_TAG = 'custom_scalars__config__';

const toChart = (chart: CustomChart): MessageInitShape<typeof ChartSchema> => {
  const { title } = chart;
  const lines = 'multiline' in chart ? chart.multiline : chart.margin;
  if (lines.length === 0) {
    const expected = `at least one line in chart "${title}"`;
    const fix = 'Pass patterns in "multiline", or tags in "margin".';
    throw new SummaryValueError(LAYOUT_TAG, expected, 'no lines', fix);
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
 * The layout of the custom scalars tab: which scalars share a chart.
 *
 * @throws SummaryValueError if a chart has no lines
 */
export const customScalarsSummary = (categories: readonly ChartCategory[]): Summary_Value => {
  const layout = create(LayoutSchema, {
    category: categories.map(({ title, charts, closed = false }) => ({
      title,
      closed,
      chart: charts.map(toChart),
    })),
  });
  return tensorSummary(LAYOUT_TAG, summaryMetadata('custom_scalars', {}), {
    dtype: DataType.DT_STRING,
    tensorShape: {},
    stringVal: [toBinary(LayoutSchema, layout)],
  });
};
