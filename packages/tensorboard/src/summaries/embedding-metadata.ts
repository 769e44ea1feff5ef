import { SummaryValueError } from '../errors';

/** What the projector shows of each vector: one label, or several columns by name. */
export type EmbeddingMetadata =
  | readonly (string | number)[]
  | Readonly<Record<string, readonly (string | number)[]>>;

/** What ends a cell or a line is shown as an escape. */
const cell = (value: string | number): string =>
  String(value).replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');

const isColumn = (metadata: EmbeddingMetadata): metadata is readonly (string | number)[] =>
  Array.isArray(metadata);

/**
 * Metadata as tab-separated values. TensorBoard expects a header where there are several columns,
 * and none where there is one.
 *
 * @param count vectors, each of which needs a value in each column
 * @throws SummaryValueError when a column has another length, or there is none
 */
export const metadataTsv = (tag: string, metadata: EmbeddingMetadata, count: number): string => {
  const columns = isColumn(metadata) ? [metadata] : Object.values(metadata);
  const [first] = columns;
  const odd = columns.find(({ length }) => length !== count);
  if (!first || odd) {
    const actual = odd ? `${odd.length} values` : 'no columns';
    const fix = 'Give one value for each vector.';
    throw new SummaryValueError(tag, `metadata of ${count} vectors`, actual, fix);
  }
  const header =
    isColumn(metadata) || columns.length === 1 ? [] : [Object.keys(metadata).map(cell).join('\t')];
  const rows = Array.from(first, (_, row) =>
    columns.map((values) => cell(values[row] ?? '')).join('\t'),
  );
  return [...header, ...rows, ''].join('\n');
};
