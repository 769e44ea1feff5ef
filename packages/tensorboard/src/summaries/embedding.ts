import { SummaryValueError } from '../errors';
import { type HostTensor, readTensor, type TensorLike } from '../tensor-like';
import { createSprite } from './sprite';

/** The data that the projector shows for each vector: one label, or several named columns. */
export type EmbeddingMetadata =
  | readonly (string | number)[]
  | Readonly<Record<string, readonly (string | number)[]>>;

/** Data for the projector in addition to the vectors. */
export interface EmbeddingOptions {
  /** A label for each vector, or several named columns. */
  readonly metadata?: EmbeddingMetadata | undefined;
  /** A small image for each vector, `[vectors, height, width, channels]`. */
  readonly sprites?: TensorLike | undefined;
}

/** A file of the projector. Long content is an iterable, generated while it is written. */
interface ProjectorFile {
  /** Relative to the directory of the run, with `/`. */
  readonly path: string;
  readonly content: Uint8Array | string | Iterable<string>;
}

/** The files of an embedding, and their entry in the projector's configuration. */
export interface EmbeddingFiles {
  readonly name: string;
  readonly files: readonly ProjectorFile[];
  /** A block of `projector_config.pbtxt`. */
  readonly config: string;
}

const ROWS_PER_CHUNK = 64;

/** Nine significant digits identify every float32. */
const formatFloat32 = (value: number): string => String(Number(value.toPrecision(9)));

function* vectorsTsv(vectors: Float32Array, width: number): Generator<string> {
  let lines = '';
  for (let row = 0; row * width < vectors.length; row++) {
    const numbers = Array.from(vectors.subarray(row * width, (row + 1) * width), formatFloat32);
    lines += `${numbers.join('\t')}\n`;
    if (row % ROWS_PER_CHUNK !== ROWS_PER_CHUNK - 1) continue;
    yield lines;
    lines = '';
  }
  yield lines;
}

const assertVectors = (tag: string, { shape, data }: HostTensor): void => {
  const [count = 0, width = 0] = shape;
  if (shape.length !== 2 || count < 1 || width < 1) {
    const fix = 'Reshape the tensor to one vector per row.';
    throw new SummaryValueError(tag, 'vectors of shape [n, d]', `shape [${shape}]`, fix);
  }
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const fix = 'Remove such vectors.';
    throw new SummaryValueError(tag, 'finite values', `${data[i]} at index ${i}`, fix);
  }
};

/** Quotes a string for protobuf's text format, which supports JSON's escapes. */
const quote = (text: string): string => JSON.stringify(text);

/**
 * The files that the projector needs to show vectors.
 *
 * @param vectors `[n, d]`
 * @throws SummaryValueError if the shape is another one, a value is not finite, or the number of labels
 *   or sprites differs from that of the vectors
 */
export const embeddingFiles = (
  tag: string,
  vectors: TensorLike,
  step: number,
  { metadata, sprites }: EmbeddingOptions,
): EmbeddingFiles => {
  const tensor = readTensor(tag, vectors);
  assertVectors(tag, tensor);
  const [count = 0, width = 0] = tensor.shape;
  // The name that tensorboardX uses. Padded, because TensorBoard removes a `:0` at the end.
  const name = `${tag}:${String(step).padStart(5, '0')}`;
  const folder = `projector/${encodeURIComponent(tag)}-${String(step).padStart(5, '0')}`;
  const tensors = `${folder}/tensors.tsv`;
  const files: ProjectorFile[] = [
    // Copied, because the caller may change the values before they are written.
    { path: tensors, content: vectorsTsv(Float32Array.from(tensor.data), width) },
  ];
  const lines = [
    `  tensor_name: ${quote(name)}`,
    `  tensor_path: ${quote(tensors)}`,
    `  tensor_shape: ${count}`,
    `  tensor_shape: ${width}`,
  ];
  if (metadata) {
    const path = `${folder}/metadata.tsv`;
    files.push({ path, content: metadataTsv(tag, metadata, count) });
    lines.push(`  metadata_path: ${quote(path)}`);
  }
  if (sprites) {
    const path = `${folder}/sprite.png`;
    const sprite = createSprite(tag, sprites, count);
    files.push({ path, content: sprite.png });
    const dimensions = `single_image_dim: ${sprite.width} single_image_dim: ${sprite.height}`;
    lines.push(`  sprite { image_path: ${quote(path)} ${dimensions} }`);
  }
  return { name, files, config: `embeddings {\n${lines.join('\n')}\n}\n` };
};

/** Escapes the characters that separate cells and lines. */
const escapeCell = (value: string | number): string =>
  String(value).replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');

const isColumn = (metadata: EmbeddingMetadata): metadata is readonly (string | number)[] =>
  Array.isArray(metadata);

/**
 * Formats metadata as tab-separated values. TensorBoard expects a header only if there are several
 * columns.
 *
 * @param count number of vectors, and of values in each column
 * @throws SummaryValueError if a column has another length, or there are no columns
 */
const metadataTsv = (tag: string, metadata: EmbeddingMetadata, count: number): string => {
  const columns = isColumn(metadata) ? [metadata] : Object.values(metadata);
  const [first] = columns;
  const mismatch = columns.find(({ length }) => length !== count);
  if (!first || mismatch) {
    const actual = mismatch ? `${mismatch.length} values` : 'no columns';
    const fix = 'Pass one value for each vector.';
    throw new SummaryValueError(tag, `metadata with ${count} values per column`, actual, fix);
  }
  const header =
    isColumn(metadata) || columns.length === 1
      ? []
      : [Object.keys(metadata).map(escapeCell).join('\t')];
  const rows = Array.from(first, (_, row) =>
    columns.map((values) => escapeCell(values[row] ?? '')).join('\t'),
  );
  return [...header, ...rows, ''].join('\n');
};
