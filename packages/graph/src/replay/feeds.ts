import { didYouMean, listNames, sameShape, sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import {
  BATCH,
  evaluateShape,
  formatShape,
  formatType,
  type Sizes,
  symbolOf,
  symbolsOf,
} from '../ir/symbolic-numbers';
import type { PlaceholderNode, SymbolicNumber, TensorType } from '../ir/types';

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

/** The batch size at which a dimension has this size. */
const batchSizeOf = (dimension: SymbolicNumber, size: number): number | undefined => {
  if (typeof dimension === 'number' || !('batch' in dimension)) return undefined;
  const [a, b, c] = dimension.batch;
  return dimension.reciprocal || c !== 0 || b === 0 ? undefined : (size - a) / b;
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

const assertNotEmpty = (node: PlaceholderNode, symbol: string, size: number): void => {
  if (size !== 0) return;
  throw new FeedError(
    node.name,
    symbol === BATCH
      ? `placeholder "${node.name}": expected at least one example, got an empty batch. Skip empty batches.`
      : `placeholder "${node.name}": expected a "${symbol}" of at least 1, got 0. Skip empty tensors.`,
  );
};

const notAShape = ({ name, outputs: [type] }: PlaceholderNode, actual: readonly number[]) =>
  new FeedError(
    name,
    `placeholder "${name}": expected ${formatType(type)}, got ${formatShape(actual)}, which is its ` +
      'shape at no batch size. Reshape the tensor.',
  );

/** Collects the sizes of the open dimensions of a run, which all feeds must have in common. */
class CommonSizes {
  readonly sizes = new Map<string, number>();
  /** The first placeholder with each symbol. */
  readonly #owners = new Map<string, string>();

  add(node: PlaceholderNode, { shape: actual }: tf.Tensor): void {
    const { shape } = node.outputs[0];
    for (let axis = 0; axis < shape.length; axis++) {
      const dimension = shape[axis];
      const size = actual[axis];
      if (dimension === undefined || typeof dimension === 'number' || size === undefined) continue;
      const batchSize = batchSizeOf(dimension, size);
      const symbol = batchSize === undefined ? symbolOf(dimension) : BATCH;
      if (symbol === undefined) continue;
      if (!Number.isInteger(batchSize ?? size)) throw notAShape(node, actual);
      this.#set(node, symbol, batchSize ?? size);
    }
    const isKnown = shape.every((dimension) =>
      symbolsOf(dimension).every((symbol) => this.sizes.has(symbol)),
    );
    if (isKnown && !sameShape(evaluateShape(shape, this.sizes), actual)) {
      throw notAShape(node, actual);
    }
  }

  #set(node: PlaceholderNode, symbol: string, size: number): void {
    assertNotEmpty(node, symbol, size);
    const known = this.sizes.get(symbol);
    if (known === undefined) {
      this.sizes.set(symbol, size);
      this.#owners.set(symbol, node.name);
    } else if (known !== size) {
      const isBatch = symbol === BATCH;
      const owner = this.#owners.get(symbol);
      throw new FeedError(
        node.name,
        `placeholder "${node.name}": expected ${
          isBatch ? `${known} examples` : `a "${symbol}" of ${known}`
        } as in "${owner}", got ${size}. ${
          isBatch ? 'Feed batches of one size.' : 'Feed tensors of one size, padded for example.'
        }`,
      );
    }
  }
}

/** The tensors of a run's placeholders, and the sizes of open dimensions that they have in common. */
export interface FeedTensors {
  readonly tensors: readonly tf.Tensor[];
  readonly sizes: Sizes;
}

/**
 * Reads and checks the feeds of a run.
 *
 * @param all every placeholder of the graph; feeds of other names are rejected
 * @param needed the placeholders that must be fed; other feeds only supply sizes that these lack
 * @param symbols the open dimensions whose sizes are needed
 * @param describeUse says what needs a placeholder, for the error when it is not fed
 * @throws FeedError naming the placeholder
 */
export const readFeeds = (
  all: ReadonlyMap<string, PlaceholderNode>,
  needed: readonly { readonly node: PlaceholderNode }[],
  feeds: Feeds,
  symbols: readonly string[],
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
  const common = new CommonSizes();
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
    common.add(node, tensor);
    return tensor;
  });
  if (symbols.some((symbol) => !common.sizes.has(symbol))) {
    for (const [name, value] of Object.entries(feeds)) {
      const node = all.get(name);
      if (node && value instanceof tf.Tensor) common.add(node, value);
    }
  }
  return { tensors, sizes: common.sizes };
};
