import * as tf from '@tensorflow/tfjs';
import { FeedError } from '../graph/errors';
import { formatSized } from '../graph/sized';
import type { PlaceholderNode, Sized, TensorSpec } from '../graph/types';

/** A shape for a reader: `[batch, 3]`. */
export const formatShape = (shape: readonly Sized[]): string =>
  `[${shape.map(formatSized).join(', ')}]`;

export const formatSpec = ({ dtype, shape }: TensorSpec): string =>
  `${dtype} ${formatShape(shape)}`;

/** Typed arrays are flat: all dimensions but the first follow from the placeholder's. */
const shapeOfFlat = (length: number, { shape }: TensorSpec): number[] | undefined => {
  const [first, ...rest] = shape;
  if (first === undefined || !rest.every((dimension) => typeof dimension === 'number')) {
    return undefined;
  }
  const size = rest.reduce((product, dimension) => product * dimension, 1);
  return size === 0 ? undefined : [length / size, ...rest];
};

/** Whether nested arrays have this shape throughout, and what they hold is text or is not. */
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

/**
 * The tensor that is fed, or one of the values that are.
 *
 * @throws FeedError when the values are not of the placeholder's kind, or are no tensor
 */
export const toTensor = (
  { name, outputs: [spec] }: PlaceholderNode,
  value: tf.Tensor | tf.TensorLike,
): tf.Tensor => {
  if (value instanceof tf.Tensor) return value;
  const refuse = (cause?: unknown) =>
    new FeedError(
      name,
      `placeholder "${name}": expected a tensor, or numbers or texts in arrays of one size, of ` +
        `${formatSpec(spec)}, got what is neither. Feed a tensor.`,
      { cause },
    );
  let tensor: tf.Tensor;
  try {
    const flat = ArrayBuffer.isView(value) && 'length' in value && spec.shape.length !== 1;
    tensor = tf.tensor(value, flat ? shapeOfFlat(value.length, spec) : undefined, spec.dtype);
  } catch (error) {
    throw refuse(error);
  }
  if (isRegular(value, tensor.shape, spec.dtype === 'string')) return tensor;
  throw refuse();
};
