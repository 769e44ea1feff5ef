import { didYouMean, listNames, sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { evaluateShape, formatShape, formatType } from '../ir/symbolic-numbers';
import type { PlaceholderNode, TensorType } from '../ir/types';

/** A feed is missing, unknown, or of the wrong shape or dtype. */
export class FeedError extends TypeError {
  override readonly name = 'FeedError';
  constructor(
    /** The placeholder, or undefined if several or none are at fault. */
    readonly placeholder: string | undefined,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Tensors, or values to make tensors of, by the name of a placeholder. */
export type Feeds = Readonly<Record<string, tf.Tensor | tf.TensorLike>>;

/** The shape of a flat typed array: every dimension but the first is that of the placeholder. */
const shapeOfFlat = (length: number, { shape }: TensorType): number[] | undefined => {
  const [first, ...rest] = shape;
  if (first === undefined || !rest.every((dimension) => typeof dimension === 'number')) {
    return undefined;
  }
  const size = sizeOf(rest);
  return size === 0 ? undefined : [length / size, ...rest];
};

/** Whether nested arrays have this shape in every part, and hold text or not. */
const isRegular = (value: unknown, shape: readonly number[], isText: boolean): boolean => {
  const [length, ...rest] = shape;
  if (length === undefined) return isText === (typeof value === 'string');
  if (ArrayBuffer.isView(value)) return true;
  return (
    Array.isArray(value) &&
    value.length === length &&
    value.every((part) => isRegular(part, rest, isText))
  );
};

const toTensor = (
  { name, outputs: [type] }: PlaceholderNode,
  value: tf.Tensor | tf.TensorLike,
): tf.Tensor => {
  if (value instanceof tf.Tensor) return value;
  const error = (cause?: unknown) =>
    new FeedError(
      name,
      `placeholder "${name}": expected a tensor, or numbers or strings in arrays of one size, of ` +
        `${formatType(type)}, got something else. Feed a tensor.`,
      { cause },
    );
  let tensor: tf.Tensor;
  try {
    const isFlat = ArrayBuffer.isView(value) && 'length' in value && type.shape.length !== 1;
    tensor = tf.tensor(value, isFlat ? shapeOfFlat(value.length, type) : undefined, type.dtype);
  } catch (cause) {
    throw error(cause);
  }
  if (isRegular(value, tensor.shape, type.dtype === 'string')) return tensor;
  throw error();
};

/** The batch size at which a placeholder has this shape; undefined if no dimension depends on it. */
const batchSizeOf = ({ shape }: TensorType, actual: readonly number[]): number | undefined => {
  for (let axis = 0; axis < shape.length; axis++) {
    const dimension = shape[axis];
    const size = actual[axis];
    if (typeof dimension !== 'object' || dimension.reciprocal || size === undefined) continue;
    const [a, b, c] = dimension.batch;
    if (c === 0 && b !== 0) return (size - a) / b;
  }
  return undefined;
};

const assertFits = (node: PlaceholderNode, tensor: tf.Tensor): void => {
  const [type] = node.outputs;
  const fits =
    tensor.dtype === type.dtype &&
    tensor.shape.length === type.shape.length &&
    type.shape.every(
      (dimension, axis) => typeof dimension !== 'number' || dimension === tensor.shape[axis],
    );
  if (fits) return;
  const fix =
    tensor.dtype === type.dtype
      ? 'Reshape it, or trace the function with inputs of this shape.'
      : `Convert it: tensor.cast("${type.dtype}").`;
  throw new FeedError(
    node.name,
    `placeholder "${node.name}": expected ${formatType(type)}, got ${tensor.dtype} ` +
      `${formatShape(tensor.shape)}. ${fix}`,
  );
};

const assertBatchSize = (
  node: PlaceholderNode,
  batchSize: number,
  shape: readonly number[],
): void => {
  const [type] = node.outputs;
  if (batchSize === 0) {
    throw new FeedError(
      node.name,
      `placeholder "${node.name}": expected at least one example, got an empty batch. Skip empty batches.`,
    );
  }
  const expected = Number.isInteger(batchSize) ? evaluateShape(type.shape, batchSize) : [];
  const fits =
    expected.length === shape.length && expected.every((size, axis) => size === shape[axis]);
  if (fits) return;
  throw new FeedError(
    node.name,
    `placeholder "${node.name}": expected ${formatType(type)}, got ${formatShape(shape)}, which is its ` +
      'shape at no batch size. Reshape the tensor.',
  );
};

/** Collects the batch size of a run, which all feeds must have in common. */
class CommonBatchSize {
  size: number | undefined;
  #placeholder = '';

  add(node: PlaceholderNode, tensor: tf.Tensor): void {
    const size = batchSizeOf(node.outputs[0], tensor.shape);
    if (size === undefined) return;
    assertBatchSize(node, size, tensor.shape);
    if (this.size === undefined) {
      this.size = size;
      this.#placeholder = node.name;
    }
    if (this.size === size) return;
    throw new FeedError(
      node.name,
      `placeholder "${node.name}": expected ${this.size} examples as in "${this.#placeholder}", got ${size}. ` +
        'Feed batches of one size.',
    );
  }
}

/** The tensors of a run's placeholders, and the batch size that they have in common. */
export interface FeedTensors {
  readonly tensors: readonly tf.Tensor[];
  readonly batchSize: number | undefined;
}

/**
 * Reads and checks the feeds of a run.
 *
 * @param all every placeholder of the graph; feeds of other names are rejected
 * @param needed the placeholders that must be fed; other feeds only supply a batch size, if these have none
 * @param describeUse says what needs a placeholder, for the error when it is not fed
 * @throws FeedError naming the placeholder
 */
export const readFeeds = (
  all: ReadonlyMap<string, PlaceholderNode>,
  needed: readonly { readonly node: PlaceholderNode }[],
  feeds: Feeds,
  describeUse: (placeholder: PlaceholderNode) => string,
): FeedTensors => {
  for (const name of Object.keys(feeds)) {
    if (all.has(name)) continue;
    const names = [...all.keys()];
    throw new FeedError(
      name,
      `feed "${name}": expected the name of a placeholder, got none. ${
        names.length === 0 ? 'The graph has no placeholders.' : didYouMean(name, names)
      }`,
    );
  }
  const batch = new CommonBatchSize();
  const tensors = needed.map(({ node }) => {
    const value = Object.hasOwn(feeds, node.name) ? feeds[node.name] : undefined;
    if (value === undefined) {
      throw new FeedError(
        node.name,
        `placeholder "${node.name}" is not fed, but ${describeUse(node)}. ` +
          `Feeds: ${listNames(Object.keys(feeds))}.`,
      );
    }
    const tensor = toTensor(node, value);
    assertFits(node, tensor);
    batch.add(node, tensor);
    return tensor;
  });
  if (batch.size === undefined) {
    for (const [name, value] of Object.entries(feeds)) {
      const node = all.get(name);
      if (node && value instanceof tf.Tensor) batch.add(node, value);
    }
  }
  return { tensors, batchSize: batch.size };
};
