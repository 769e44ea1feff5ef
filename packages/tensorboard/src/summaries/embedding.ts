import { SummaryValueError } from '../errors';
import { type HostTensor, readTensor, type TensorLike } from '../tensor-like';
import { type EmbeddingMetadata, metadataTsv } from './embedding-metadata';
import { makeSprite } from './sprite';

/** What the projector shows beside the vectors. */
export interface EmbeddingOptions {
  /** A label for each vector, or several columns by name. */
  readonly metadata?: EmbeddingMetadata | undefined;
  /** A small image for each vector, `[vectors, height, width, channels]`. */
  readonly sprites?: TensorLike | undefined;
}

/** A file of the projector. Its content is made piece by piece, as it is written. */
export interface ProjectorFile {
  /** Relative to the run's directory, with `/`. */
  readonly path: string;
  readonly content: Uint8Array | string | Iterable<string>;
}

/** The files of an embedding, and what the projector's configuration says of them. */
export interface EmbeddingFiles {
  readonly name: string;
  readonly files: readonly ProjectorFile[];
  /** A part of `projector_config.pbtxt`. */
  readonly config: string;
}

const ROWS_AT_ONCE = 64;

/** Nine digits tell any two float32 numbers apart. */
const digits = (value: number): string => String(Number(value.toPrecision(9)));

function* tensorTsv(vectors: Float32Array, width: number): Generator<string> {
  let lines = '';
  for (let row = 0; row * width < vectors.length; row++) {
    const numbers = Array.from(vectors.subarray(row * width, (row + 1) * width), digits);
    lines += `${numbers.join('\t')}\n`;
    if (row % ROWS_AT_ONCE !== ROWS_AT_ONCE - 1) continue;
    yield lines;
    lines = '';
  }
  yield lines;
}

const checkVectors = (tag: string, { shape, data }: HostTensor): void => {
  const [count = 0, width = 0] = shape;
  if (shape.length !== 2 || count < 1 || width < 1) {
    const fix = 'Reshape the tensor to one vector a row.';
    throw new SummaryValueError(tag, 'vectors of shape [n, d]', `shape [${shape}]`, fix);
  }
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const fix = 'Leave such vectors out.';
    throw new SummaryValueError(tag, 'finite values', `${data[i]} at index ${i}`, fix);
  }
};

/** A string of protobuf's text format, which knows JSON's escapes. */
const quoted = (text: string): string => JSON.stringify(text);

/**
 * The files with which the projector shows vectors.
 *
 * @param vectors `[n, d]`
 * @throws SummaryValueError when the shape is another one, a value is not finite, or there is not one
 *   label and one sprite for each vector
 */
export const embeddingFiles = (
  tag: string,
  vectors: TensorLike,
  step: number,
  { metadata, sprites }: EmbeddingOptions,
): EmbeddingFiles => {
  const tensor = readTensor(tag, vectors);
  checkVectors(tag, tensor);
  const [count = 0, width = 0] = tensor.shape;
  // As tensorboardX names it. Padded, since TensorBoard cuts off a `:0` at the end.
  const name = `${tag}:${String(step).padStart(5, '0')}`;
  const folder = `projector/${encodeURIComponent(tag)}-${String(step).padStart(5, '0')}`;
  const tensors = `${folder}/tensors.tsv`;
  const files: ProjectorFile[] = [
    // A copy, as the caller may change the values before they are written.
    { path: tensors, content: tensorTsv(Float32Array.from(tensor.data), width) },
  ];
  const lines = [
    `  tensor_name: ${quoted(name)}`,
    `  tensor_path: ${quoted(tensors)}`,
    `  tensor_shape: ${count}`,
    `  tensor_shape: ${width}`,
  ];
  if (metadata) {
    const path = `${folder}/metadata.tsv`;
    files.push({ path, content: metadataTsv(tag, metadata, count) });
    lines.push(`  metadata_path: ${quoted(path)}`);
  }
  if (sprites) {
    const path = `${folder}/sprite.png`;
    const sprite = makeSprite(tag, sprites, count);
    files.push({ path, content: sprite.png });
    const dimensions = `single_image_dim: ${sprite.width} single_image_dim: ${sprite.height}`;
    lines.push(`  sprite { image_path: ${quoted(path)} ${dimensions} }`);
  }
  return { name, files, config: `embeddings {\n${lines.join('\n')}\n}\n` };
};
