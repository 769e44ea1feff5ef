import { create, toBinary } from '@bufbuild/protobuf';
import {
  DataType,
  MeshPluginData_ContentType as MeshPart,
  MeshPluginDataSchema,
  type Summary_Value,
  Summary_ValueSchema,
} from '@elistimator/protos';
import { SummaryValueError } from '../errors';
import { type HostTensor, readTensor, type TensorLike } from '../tensor-like';
import { type SummaryOptions, summaryMetadata } from './metadata';
import { float32Bytes, int32Bytes } from './tensor-bytes';

/** What a mesh has beside its vertices, and how it is rendered. */
export interface MeshOptions extends SummaryOptions {
  /** Vertex indices of each triangle, `[n, 3]` or `[batch, n, 3]`; without it, points are shown. */
  readonly faces?: TensorLike | undefined;
  /** RGB of each vertex in 0..255, shaped as the vertices. */
  readonly colors?: TensorLike | undefined;
  /** Camera, material and lights, by the names of three.js's classes. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

const TYPES = {
  [MeshPart.VERTEX]: { name: 'VERTEX', dtype: DataType.DT_FLOAT, encode: float32Bytes },
  [MeshPart.FACE]: { name: 'FACE', dtype: DataType.DT_INT32, encode: int32Bytes },
  [MeshPart.COLOR]: {
    name: 'COLOR',
    dtype: DataType.DT_UINT8,
    encode: (values: ArrayLike<number>) => Uint8ClampedArray.from(values),
  },
} as const;

interface Part {
  readonly kind: keyof typeof TYPES;
  readonly tensor: HostTensor;
}

const asBatch = (tag: string, part: string, tensor: HostTensor): HostTensor => {
  const { shape } = tensor;
  const batched = shape.length === 2 ? [1, ...shape] : shape;
  if (batched.length === 3 && batched[2] === 3) return { ...tensor, shape: batched };
  const fix = 'Reshape the tensor; x, y, z (or r, g, b) come last.';
  const expected = `${part} of shape [n, 3] or [batch, n, 3]`;
  throw new SummaryValueError(tag, expected, `shape [${shape}]`, fix);
};

const checkFaces = (tag: string, faces: HostTensor, vertices: number): void => {
  for (let i = 0; i < faces.data.length; i++) {
    const index = Number(faces.data[i]);
    if (Number.isInteger(index) && index >= 0 && index < vertices) continue;
    const fix = 'Count vertices from 0.';
    throw new SummaryValueError(
      tag,
      `faces of vertices 0..${vertices - 1}`,
      `vertex ${index}`,
      fix,
    );
  }
};

const readParts = (tag: string, vertices: TensorLike, options: MeshOptions): Part[] => {
  const points = asBatch(tag, 'vertices', readTensor(tag, vertices));
  const parts: Part[] = [{ kind: MeshPart.VERTEX, tensor: points }];
  if (options.faces) {
    const faces = asBatch(tag, 'faces', readTensor(tag, options.faces));
    checkFaces(tag, faces, Number(points.shape[1]));
    parts.push({ kind: MeshPart.FACE, tensor: faces });
  }
  if (options.colors) {
    const colors = asBatch(tag, 'colors', readTensor(tag, options.colors));
    if (String(colors.shape) !== String(points.shape)) {
      const expected = `colors of the vertices' shape [${points.shape}]`;
      const fix = 'Give one color for each vertex.';
      throw new SummaryValueError(tag, expected, `shape [${colors.shape}]`, fix);
    }
    parts.push({ kind: MeshPart.COLOR, tensor: colors });
  }
  return parts;
};

/**
 * Meshes or point clouds, for the mesh tab: one summary for each part.
 *
 * @param vertices x, y and z of each, `[n, 3]` or `[batch, n, 3]`
 * @throws SummaryValueError when a shape is another one, or a face names a vertex that isn't there
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
    const { name, dtype, encode } = TYPES[kind];
    const message = create(MeshPluginDataSchema, {
      name: tag,
      contentType: kind,
      components,
      jsonConfig,
      shape: [...shape],
    });
    const content = toBinary(MeshPluginDataSchema, message);
    return create(Summary_ValueSchema, {
      tag: `${tag}_${name}`,
      metadata: summaryMetadata('mesh', options, { content }),
      value: {
        case: 'tensor',
        value: {
          dtype,
          tensorShape: { dim: shape.map((size) => ({ size: BigInt(size) })) },
          tensorContent: new Uint8Array(encode(data)),
        },
      },
    });
  });
};
