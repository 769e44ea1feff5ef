import * as tf from '@tensorflow/tfjs';
import { isFilled, isNumeric } from '../graph/constant-values';
import { evaluate, evaluateShape } from '../graph/sized';
import type { ConstantNode } from '../graph/types';

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, next) => size * next, 1);

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** A tensor of one value; every element of a complex one is real. */
const makeFilled = (
  fill: number | string,
  shape: readonly number[],
  dtype: tf.DataType,
): tf.Tensor => {
  const size = sizeOf(shape);
  if (typeof fill === 'string' || dtype === 'string') {
    return tf.tensor(new Array<string>(size).fill(String(fill)), [...shape], 'string');
  }
  if (dtype !== 'complex64')
    return tf.tensor(new arrays[dtype](size).fill(fill), [...shape], dtype);
  return tf.tidy(() => {
    const real = tf.tensor(new Float32Array(size).fill(fill), [...shape]);
    return tf.complex(real, tf.tensor(new Float32Array(size), [...shape]));
  });
};

const makeComplex = (pairs: Float32Array, shape: readonly number[]): tf.Tensor => {
  const part = (odd: number) =>
    tf.tensor(
      pairs.filter((_, at) => at % 2 === odd),
      [...shape],
    );
  return tf.tidy(() => tf.complex(part(0), part(1)));
};

/** A new tensor with a constant's values, at a batch size, on the current backend. */
export const makeConstant = (node: ConstantNode, batchSize: number | undefined): tf.Tensor => {
  const { values, outputs } = node;
  const [{ dtype }] = outputs;
  const shape = evaluateShape(outputs[0].shape, batchSize);
  if (isFilled(values)) {
    const { fill } = values;
    return makeFilled(typeof fill === 'string' ? fill : evaluate(fill, batchSize), shape, dtype);
  }
  if (!isNumeric(values)) return tf.tensor([...values], shape, dtype);
  if (dtype === 'complex64') return makeComplex(values as Float32Array, shape);
  // The cpu backend keeps the array that it is given: a copy keeps the graph's own safe.
  return tf.tensor(values.slice(), shape, dtype);
};

/** The constants of a graph as tensors: uploaded once to each backend, and kept. */
export class ConstantTensors {
  #byBackend = new WeakMap<object, Map<ConstantNode, tf.Tensor>>();
  readonly #all = new Set<tf.Tensor>();

  get(node: ConstantNode): tf.Tensor {
    const backend = tf.backend();
    let uploaded = this.#byBackend.get(backend);
    if (uploaded === undefined) {
      uploaded = new Map();
      this.#byBackend.set(backend, uploaded);
    }
    const found = uploaded.get(node);
    if (found !== undefined && !found.isDisposed) return found;
    const tensor = tf.keep(makeConstant(node, undefined));
    uploaded.set(node, tensor);
    this.#all.add(tensor);
    return tensor;
  }

  dispose(): void {
    for (const tensor of this.#all) tensor.dispose();
    this.#all.clear();
    this.#byBackend = new WeakMap();
  }
}
