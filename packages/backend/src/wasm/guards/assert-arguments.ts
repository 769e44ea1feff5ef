import { ExplainedRangeError } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

type Inputs = Readonly<Record<string, tf.TensorInfo | undefined>>;

interface CheckedCall {
  readonly inputs: Inputs;
  readonly attrs: tf.NamedAttrMap | undefined;
  readonly backend: BackendWasm;
}

type Check = (call: CheckedCall) => void;

const fail = (kernelName: string, what: string, expected: string, actual: string): never => {
  throw new ExplainedRangeError({
    subject: `${what} of operation "${kernelName}" on the wasm backend`,
    expected,
    actual,
    fix: 'Check the arguments: the operation would read or write memory of other tensors.',
  });
};

const inputOf = (inputs: Inputs, name: string): tf.TensorInfo => {
  const input = inputs[name];
  if (input === undefined) throw new Error(`missing kernel input "${name}"`);
  return input;
};

/** Rows of indices, each of which selects a part of a tensor. */
const indexRows =
  (kernelName: string, name: string, shapeOf: (call: CheckedCall) => readonly number[]): Check =>
  (call) => {
    const indices = inputOf(call.inputs, name);
    const shape = shapeOf(call);
    const depth = indices.shape.length < 2 ? 1 : (indices.shape.at(-1) ?? 1);
    const values = call.backend.typedArrayFromHeap(indices);
    for (let at = 0; at < values.length; at++) {
      const index = values[at] ?? 0;
      const size = shape[at % depth] ?? 0;
      if (index < 0 || index >= size) {
        fail(kernelName, 'an index', `0 to ${size - 1} for dimension ${at % depth}`, String(index));
      }
    }
  };

const inRange =
  (kernelName: string, name: string, limitOf: (call: CheckedCall) => number): Check =>
  (call) => {
    const limit = limitOf(call);
    const found = call.backend
      .typedArrayFromHeap(inputOf(call.inputs, name))
      .find((index) => index < 0 || index >= limit);
    if (found === undefined) return;
    const expected = limit === Number.POSITIVE_INFINITY ? 'at least 0' : `0 to ${limit - 1}`;
    fail(kernelName, `an element of "${name}"`, expected, String(found));
  };

const finite =
  (kernelName: string, name: string): Check =>
  ({ inputs, backend }) => {
    const found = backend
      .typedArrayFromHeap(inputOf(inputs, name))
      .find((value) => !(Math.abs(value) < 2 ** 24));
    if (found !== undefined) {
      fail(kernelName, `an element of "${name}"`, 'a finite number below 2^24', String(found));
    }
  };

/** Amounts to add at, or to remove from, both sides of each dimension. */
const margins =
  (
    kernelName: string,
    name: 'paddings' | 'crops',
    limitOf: (call: CheckedCall, axis: number) => number = () => Number.POSITIVE_INFINITY,
  ): Check =>
  (call) => {
    const pairs = call.attrs?.[name] as unknown as readonly (readonly number[])[];
    pairs.forEach((pair, axis) => {
      const limit = limitOf(call, axis);
      const found = pair.find((amount) => amount < 0 || amount > limit);
      if (found === undefined) return;
      const expected = limit === Number.POSITIVE_INFINITY ? 'at least 0' : `0 to ${limit}`;
      fail(kernelName, `"${name}"`, `${expected} for dimension ${axis}`, String(found));
    });
  };

const shapeOfInput =
  (name: string) =>
  ({ inputs }: CheckedCall): readonly number[] =>
    inputOf(inputs, name).shape;

const attribute = <T>({ attrs }: CheckedCall, name: string): T => attrs?.[name] as unknown as T;

const slice: Check = (call) => {
  const x = inputOf(call.inputs, 'x') as tf.Tensor;
  const begin = attribute<number | number[]>(call, 'begin');
  const size = attribute<number | number[]>(call, 'size');
  const [starts = [], sizes = []] = tf.slice_util.parseSliceParams(x, begin, size);
  starts.forEach((start, axis) => {
    const [length = 0, count = 0] = [x.shape[axis], sizes[axis]];
    if (start >= 0 && count >= 0 && start + count <= length) return;
    fail(
      tf.Slice,
      `dimension ${axis}`,
      `a part of its ${length} elements`,
      `${count} elements from ${start}`,
    );
  });
};

const transpose: Check = (call) => {
  const { shape } = inputOf(call.inputs, 'x');
  const perm = attribute<readonly number[]>(call, 'perm');
  let seen = 0;
  for (const axis of perm) seen |= 1 << axis;
  if (perm.length === shape.length && seen === 2 ** shape.length - 1) return;
  fail(tf.Transpose, '"perm"', `each of the ${shape.length} dimensions once`, `[${perm}]`);
};

const topK: Check = (call) => {
  const size = inputOf(call.inputs, 'x').shape.at(-1) ?? 0;
  const k = attribute<number>(call, 'k');
  if (k < 0 || k > size) fail(tf.TopK, '"k"', `0 to ${size}`, String(k));
};

const rotate: Check = (call) => {
  const numbers = [attribute(call, 'radians'), attribute(call, 'center')].flat();
  const found = numbers.find((value) => !Number.isFinite(value));
  if (found !== undefined)
    fail(tf.RotateWithOffset, 'the rotation', 'finite numbers', String(found));
};

const resize =
  (kernelName: string): Check =>
  (call) => {
    const { shape } = inputOf(call.inputs, 'images');
    const size = attribute<readonly number[]>(call, 'size');
    if (!shape.slice(1, 3).includes(0) || size.includes(0)) return;
    fail(kernelName, '"images"', 'images with pixels', `shape [${shape}]`);
  };

const depthToSpace: Check = (call) => {
  const { shape } = inputOf(call.inputs, 'x');
  const block = attribute<number>(call, 'blockSize');
  const channels = shape[attribute(call, 'dataFormat') === 'NHWC' ? 3 : 1] ?? 0;
  if (channels % (block * block) === 0) return;
  fail(tf.DepthToSpace, 'channels', `a multiple of ${block * block}`, String(channels));
};

const linSpace: Check = (call) => {
  const count = attribute<number>(call, 'num');
  if (!(count >= 1)) fail(tf.LinSpace, '"num"', 'at least 1', String(count));
};

const nonNegativeShape: Check = (call) => {
  const shape = attribute<readonly number[]>(call, 'shape');
  if (shape.some((size) => !(size >= 0)))
    fail(tf.Fill, '"shape"', 'sizes of at least 0', `[${shape}]`);
};

const sameShapes =
  (kernelName: string, names?: readonly string[]): Check =>
  ({ inputs }) => {
    const shapes = (names ?? Object.keys(inputs)).map((name) => inputOf(inputs, name).shape);
    if (shapes.every((shape) => tf.util.arraysEqual(shape, shapes[0] ?? []))) return;
    fail(kernelName, 'inputs', 'equal shapes', shapes.map((shape) => `[${shape}]`).join(' and '));
  };

const select: Check = ({ inputs }) => {
  const [condition, t] = ['condition', 't', 'e'].map((name) => inputOf(inputs, name).shape);
  sameShapes(tf.Select, ['t', 'e'])({ inputs } as CheckedCall);
  const isRow = condition?.length === 1 && condition[0] === t?.[0];
  if (isRow || tf.util.arraysEqual(condition ?? [], t ?? [])) return;
  fail(tf.Select, '"condition"', `shape [${t}] or [${t?.[0]}]`, `[${condition}]`);
};

const searchSorted: Check = ({ inputs }) => {
  const [batch, size] = inputOf(inputs, 'sortedSequence').shape;
  const values = inputOf(inputs, 'values').shape;
  if (batch === values[0] && size !== 0) return;
  fail(
    tf.SearchSorted,
    '"sortedSequence"',
    `${values[0]} rows with elements`,
    `[${batch},${size}]`,
  );
};

const reflected =
  (name: string) =>
  (call: CheckedCall, axis: number): number =>
    (inputOf(call.inputs, name).shape[axis] ?? 0) - (attribute(call, 'mode') === 'reflect' ? 1 : 0);

/** Stock reads and writes memory wherever arguments say; cpu and TensorFlow reject these arguments. */
export const argumentChecks: Readonly<Record<string, Check>> = {
  [tf.AddN]: sameShapes(tf.AddN),
  [tf.BatchToSpaceND]: margins(tf.BatchToSpaceND, 'crops', (call, axis) => {
    const block = attribute<readonly number[]>(call, 'blockShape')[axis] ?? 1;
    return (inputOf(call.inputs, 'x').shape[axis + 1] ?? 0) * block;
  }),
  [tf.Bincount]: inRange(tf.Bincount, 'x', () => Number.POSITIVE_INFINITY),
  [tf.CropAndResize]: (call) => {
    inRange(
      tf.CropAndResize,
      'boxInd',
      ({ inputs }) => inputOf(inputs, 'image').shape[0] ?? 0,
    )(call);
    finite(tf.CropAndResize, 'boxes')(call);
    if (!inputOf(call.inputs, 'image').shape.slice(1, 3).includes(0)) return;
    fail(tf.CropAndResize, '"image"', 'pixels', 'none');
  },
  [tf.DenseBincount]: inRange(tf.DenseBincount, 'x', () => Number.POSITIVE_INFINITY),
  [tf.DepthToSpace]: depthToSpace,
  [tf.EluGrad]: sameShapes(tf.EluGrad),
  [tf.Fill]: nonNegativeShape,
  [tf.GatherNd]: indexRows(tf.GatherNd, 'indices', shapeOfInput('params')),
  [tf.LinSpace]: linSpace,
  [tf.MirrorPad]: margins(tf.MirrorPad, 'paddings', reflected('x')),
  [tf.PadV2]: margins(tf.PadV2, 'paddings'),
  [tf.ResizeBilinear]: resize(tf.ResizeBilinear),
  [tf.ResizeNearestNeighbor]: resize(tf.ResizeNearestNeighbor),
  [tf.RotateWithOffset]: rotate,
  [tf.ScatterNd]: indexRows(tf.ScatterNd, 'indices', (call) => attribute(call, 'shape')),
  [tf.SearchSorted]: searchSorted,
  [tf.Select]: select,
  [tf.Slice]: slice,
  [tf.SpaceToBatchND]: margins(tf.SpaceToBatchND, 'paddings'),
  [tf.SparseReshape]: indexRows(tf.SparseReshape, 'inputIndices', ({ inputs, backend }) => [
    ...backend.typedArrayFromHeap(inputOf(inputs, 'inputShape')),
  ]),
  [tf.SparseToDense]: indexRows(tf.SparseToDense, 'sparseIndices', (call) =>
    attribute(call, 'outputShape'),
  ),
  [tf.TensorScatterUpdate]: indexRows(tf.TensorScatterUpdate, 'indices', shapeOfInput('tensor')),
  [tf.TopK]: topK,
  [tf.Transform]: finite(tf.Transform, 'transforms'),
  [tf.Transpose]: transpose,
};
