import * as tf from '@tensorflow/tfjs';
import { untraceable } from './untraceable';

/** A tensor, or lists and objects of tensors, nested to any depth. */
export type TensorTree =
  | tf.Tensor
  | readonly TensorTree[]
  | { readonly [name: string]: TensorTree };

/** The name of an output that is not in a list or an object. */
const SINGLE_OUTPUT = 'output';

const describe = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? value.constructor.name : `a ${typeof value}`;
};

const collect = (value: unknown, path: string, tensors: Map<string, tf.Tensor>): void => {
  if (value instanceof tf.Tensor) {
    if (value.isDisposed) throw untraceable.output(path, 'a disposed tensor');
    tensors.set(path === '' ? SINGLE_OUTPUT : path, value);
    return;
  }
  const isContainer =
    Array.isArray(value) ||
    (typeof value === 'object' &&
      value !== null &&
      [Object.prototype, null].includes(Object.getPrototypeOf(value)));
  if (!isContainer) throw untraceable.output(path, describe(value));
  for (const [name, part] of Object.entries(value as object)) {
    collect(part, path === '' ? name : `${path}/${name}`, tensors);
  }
};

/**
 * The tensors that a function returned, by name: `output` for a single tensor, `heads/0` for the first
 * of a list `heads`.
 *
 * @throws TraceError if there is anything but tensors
 */
export const flattenOutputs = (value: unknown): Map<string, tf.Tensor> => {
  const tensors = new Map<string, tf.Tensor>();
  collect(value, '', tensors);
  return tensors;
};
