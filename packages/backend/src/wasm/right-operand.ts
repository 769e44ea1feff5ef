import type * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { elements, uninitialized } from './tensors';

/**
 * The shape in which each right operand was first multiplied, by its data. XNNPACK repacks a right
 * operand and wasm keeps it so until the data is disposed; it finds it again by the data alone.
 */
const shapes = new WeakMap<object, string>();

const shapeOf = (b: tf.TensorInfo): string => b.shape.slice(-2).join();

/** Whether this operand, in this shape, was multiplied before. */
export const wasMultiplied = (b: tf.TensorInfo): boolean => shapes.get(b.dataId) === shapeOf(b);

/** Notes that this operand is multiplied; a later call with it finds it repacked. */
export const noteMultiplied = (b: tf.TensorInfo): void => {
  if (!shapes.has(b.dataId)) shapes.set(b.dataId, shapeOf(b));
};

/**
 * An operand that is safe to multiply by XNNPACK: a copy, where the same data has been multiplied
 * in another shape. Stock takes it for the earlier matrix then, reads past its end, or gives wrong
 * numbers.
 */
export const rightOperand = <T extends tf.Tensor>(backend: BackendWasm, b: T): T => {
  const before = shapes.get(b.dataId);
  if (before === undefined || before === shapeOf(b)) return b;
  const copy = uninitialized(backend, b.shape);
  elements(backend, copy).set(elements(backend, b));
  return copy as T;
};
