import * as tf from '@tensorflow/tfjs';
import { FeedError } from '../graph/errors';
import { didYouMean, listNames } from '../graph/near-names';
import { evaluateShape } from '../graph/sized';
import type { PlaceholderNode, TensorSpec } from '../graph/types';
import { formatShape, formatSpec, toTensor } from './feed-values';

/** What a run is given by placeholder: tensors, or values that become one. */
export type Feeds = Readonly<Record<string, tf.Tensor | tf.TensorLike>>;

/** The batch size that a tensor's shape tells, where a dimension follows from it. */
const batchSizeOf = (spec: TensorSpec, shape: readonly number[]): number | undefined => {
  for (const [axis, dimension] of spec.shape.entries()) {
    const actual = shape[axis];
    if (typeof dimension === 'number' || dimension.reciprocal || actual === undefined) continue;
    const [a, b, c] = dimension.batch;
    if (c === 0 && b !== 0) return (actual - a) / b;
  }
  return undefined;
};

const checkTensor = (node: PlaceholderNode, tensor: tf.Tensor): void => {
  const [spec] = node.outputs;
  const fits =
    tensor.dtype === spec.dtype &&
    tensor.shape.length === spec.shape.length &&
    spec.shape.every(
      (dimension, axis) => typeof dimension !== 'number' || dimension === tensor.shape[axis],
    );
  if (fits) return;
  const fix =
    tensor.dtype === spec.dtype
      ? 'Reshape it, or trace the function with inputs of this shape.'
      : `Convert it: tensor.cast("${spec.dtype}").`;
  throw new FeedError(
    node.name,
    `placeholder "${node.name}": expected ${formatSpec(spec)}, got ${tensor.dtype} ` +
      `${formatShape(tensor.shape)}. ${fix}`,
  );
};

const checkBatch = (node: PlaceholderNode, batchSize: number, shape: readonly number[]): void => {
  const [spec] = node.outputs;
  if (batchSize === 0) {
    throw new FeedError(
      node.name,
      `placeholder "${node.name}": expected at least one example, got an empty batch. Feed no empty batches.`,
    );
  }
  const expected = Number.isInteger(batchSize) ? evaluateShape(spec.shape, batchSize) : [];
  if (expected.length === shape.length && expected.every((size, axis) => size === shape[axis]))
    return;
  throw new FeedError(
    node.name,
    `placeholder "${node.name}": expected ${formatSpec(spec)}, got ${formatShape(shape)}, which no ` +
      'batch size gives. Feed a tensor of that form.',
  );
};

/** A program's placeholders with their tensors, and the batch size that these agree on. */
export interface ReadFeeds {
  readonly tensors: readonly tf.Tensor[];
  readonly batchSize: number | undefined;
}

/**
 * Finds and checks what is fed to the placeholders that a run needs.
 *
 * @param all every placeholder of the graph; other names are refused
 * @param needed those that have to be fed; the other feeds are only looked at for a batch size that
 *   these do not tell
 * @param whyNeeded what needs a placeholder, for the error when it is missing
 * @throws FeedError naming the placeholder
 */
export const readFeeds = (
  all: ReadonlyMap<string, PlaceholderNode>,
  needed: readonly PlaceholderNode[],
  feeds: Feeds,
  whyNeeded: (placeholder: PlaceholderNode) => string,
): ReadFeeds => {
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
  let batch: { readonly size: number; readonly from: string } | undefined;
  const agree = (node: PlaceholderNode, tensor: tf.Tensor): void => {
    const size = batchSizeOf(node.outputs[0], tensor.shape);
    if (size === undefined) return;
    checkBatch(node, size, tensor.shape);
    batch ??= { size, from: node.name };
    if (batch.size === size) return;
    throw new FeedError(
      node.name,
      `placeholder "${node.name}": expected ${batch.size} examples as in "${batch.from}", got ${size}. ` +
        'Feed batches of one size.',
    );
  };
  const tensors = needed.map((node) => {
    const value = Object.hasOwn(feeds, node.name) ? feeds[node.name] : undefined;
    if (value === undefined) {
      throw new FeedError(
        node.name,
        `placeholder "${node.name}" is needed by ${whyNeeded(node)}, and is not fed. ` +
          `Fed are: ${listNames(Object.keys(feeds))}.`,
      );
    }
    const tensor = toTensor(node, value);
    checkTensor(node, tensor);
    agree(node, tensor);
    return tensor;
  });
  if (batch === undefined) {
    for (const [name, value] of Object.entries(feeds)) {
      const node = all.get(name);
      if (node && value instanceof tf.Tensor) agree(node, value);
    }
  }
  return { tensors, batchSize: batch?.size };
};
