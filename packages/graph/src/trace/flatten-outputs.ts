import * as tf from '@tensorflow/tfjs';
import { refuse } from './refusals';

/** Tensors under names, by themselves, in lists or in objects within objects. */
export type TensorTree =
  | tf.Tensor
  | readonly TensorTree[]
  | { readonly [name: string]: TensorTree };

/** The name of an output that is not within an object or a list. */
export const SINGLE_OUTPUT = 'output';

const describe = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? value.constructor.name : `a ${typeof value}`;
};

const walk = (value: unknown, path: string, found: Map<string, tf.Tensor>): void => {
  if (value instanceof tf.Tensor) {
    if (value.isDisposed) throw refuse.output(path, 'a disposed tensor');
    found.set(path === '' ? SINGLE_OUTPUT : path, value);
    return;
  }
  const isContainer =
    Array.isArray(value) ||
    (typeof value === 'object' &&
      value !== null &&
      [Object.prototype, null].includes(Object.getPrototypeOf(value)));
  if (!isContainer) throw refuse.output(path, describe(value));
  for (const [name, part] of Object.entries(value as object)) {
    walk(part, path === '' ? name : `${path}/${name}`, found);
  }
};

/**
 * The tensors that a function returned, by name: `output` for a single one, `heads/0` for the first of
 * a list named `heads`.
 *
 * @throws TraceError when there is anything but tensors
 */
export const flattenOutputs = (value: unknown): Map<string, tf.Tensor> => {
  const found = new Map<string, tf.Tensor>();
  walk(value, '', found);
  return found;
};
