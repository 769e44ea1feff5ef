import { create, toBinary } from '@bufbuild/protobuf';
import { sameShape } from '@elistimator/internal';
import {
  MeshPluginData_ContentType as ContentType,
  DataType,
  MeshPluginDataSchema,
  type Summary_Value,
} from '@elistimator/protos';
import { SummaryValueError } from '../errors';
import { type HostTensor, readTensor, type TensorLike } from '../tensor-like';
import {
  float32Bytes,
  int32Bytes,
  type SummaryOptions,
  summaryMetadata,
  tensorShape,
  tensorSummary,
} from './summary-value';

/** The parts of a mesh in addition to its vertices, and how it is rendered. */
export interface MeshOptions extends SummaryOptions {
  /** Vertex indices of each triangle, `[n, 3]` or `[batch, n, 3]`. Default: none; points are shown. */
  readonly faces?: TensorLike | undefined;
  /** RGB of each vertex in 0..255, with the shape of the vertices. */
  readonly colors?: TensorLike | undefined;
  /** Camera, material and lights, with the names of three.js classes. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

const PART_FORMATS = {
  [ContentType.VERTEX]: { name: 'VERTEX', dtype: DataType.DT_FLOAT, encode: float32Bytes },
  [ContentType.FACE]: { name: 'FACE', dtype: DataType.DT_INT32, encode: int32Bytes },
  [ContentType.COLOR]: {
    name: 'COLOR',
    dtype: DataType.DT_UINT8,
    encode: (values: ArrayLike<number>) => Uint8ClampedArray.from(values),
  },
} as const;

interface MeshPart {
  readonly kind: keyof typeof PART_FORMATS;
  readonly tensor: HostTensor;
}

const toBatch = (tag: string, part: string, tensor: HostTensor): HostTensor => {
  const { shape } = tensor;
  const batched = shape.length === 2 ? [1, ...shape] : shape;
  if (batched.length === 3 && batched[2] === 3) return { ...tensor, shape: batched };
  const fix = 'Reshape the tensor; x, y and z (or r, g and b) come last.';
  const expected = `${part} of shape [n, 3] or [batch, n, 3]`;
  throw new SummaryValueError(tag, expected, `shape [${shape}]`, fix);
};

const assertFaces = (tag: string, faces: HostTensor, vertices: number): void => {
  for (let i = 0; i < faces.data.length; i++) {
    const index = Number(faces.data[i]);
    if (Number.isInteger(index) && index >= 0 && index < vertices) continue;
    const fix = 'Pass vertex indices, which start at 0.';
    throw new SummaryValueError(
      tag,
      `faces with vertex indices in 0..${vertices - 1}`,
      String(index),
      fix,
    );
  }
};

const readParts = (tag: string, vertices: TensorLike, options: MeshOptions): MeshPart[] => {
  const points = toBatch(tag, 'vertices', readTensor(tag, vertices));
  const parts: MeshPart[] = [{ kind: ContentType.VERTEX, tensor: points }];
  if (options.faces) {
    const faces = toBatch(tag, 'faces', readTensor(tag, options.faces));
    assertFaces(tag, faces, Number(points.shape[1]));
    parts.push({ kind: ContentType.FACE, tensor: faces });
  }
  if (options.colors) {
    const colors = toBatch(tag, 'colors', readTensor(tag, options.colors));
    if (!sameShape(colors.shape, points.shape)) {
      const expected = `colors with the shape of the vertices, [${points.shape}]`;
      const fix = 'Pass one color for each vertex.';
      throw new SummaryValueError(tag, expected, `shape [${colors.shape}]`, fix);
    }
    parts.push({ kind: ContentType.COLOR, tensor: colors });
  }
  return parts;
};

/**
 * Meshes or point clouds for the mesh tab: one summary for each part.
 *
 * @param vertices x, y and z of each vertex, `[n, 3]` or `[batch, n, 3]`
 * @throws SummaryValueError if a shape is another one, or a face has an index that is out of range
 */
export const meshSummaries = (
  tag: string,
  vertices: TensorLike,
  options: MeshOptions,
): Summary_Value[] => {
  const parts = readParts(tag, vertices, options);
  const components = parts.reduce((bits, { kind }) => bits | (1 << kind), 0);
  const jsonConfig = JSON.stringify(options.config ?? {});
  return parts.map(({ kind, tensor: { shape, data } }) => {
    const { name, dtype, encode } = PART_FORMATS[kind];
    const message = create(MeshPluginDataSchema, {
      name: tag,
      contentType: kind,
      components,
      jsonConfig,
      shape: [...shape],
    });
    const content = toBinary(MeshPluginDataSchema, message);
    return tensorSummary(`${tag}_${name}`, summaryMetadata('mesh', options, { content }), {
      dtype,
      tensorShape: tensorShape(shape),
      tensorContent: new Uint8Array(encode(data)),
    });
  });
};
