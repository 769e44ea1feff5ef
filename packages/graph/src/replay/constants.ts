import { sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { evaluate, evaluateShape, type Sizes } from '../ir/symbolic-numbers';
import { type ConstantNode, isFill, isTypedArray } from '../ir/types';
import type { PlanInput } from './plan';

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** A tensor of one value. For complex64, the value is the real part. */
const makeFill = (
  fill: number | string,
  shape: readonly number[],
  dtype: tf.DataType,
): tf.Tensor => {
  const size = sizeOf(shape);
  if (typeof fill === 'string' || dtype === 'string') {
    return tf.tensor(new Array<string>(size).fill(String(fill)), [...shape], 'string');
  }
  if (dtype !== 'complex64') {
    return tf.tensor(new arrays[dtype](size).fill(fill), [...shape], dtype);
  }
  return tf.tidy(() => {
    const real = tf.tensor(new Float32Array(size).fill(fill), [...shape]);
    return tf.complex(real, tf.tensor(new Float32Array(size), [...shape]));
  });
};

const makeComplex = (pairs: Float32Array, shape: readonly number[]): tf.Tensor => {
  const part = (parity: number) =>
    tf.tensor(
      pairs.filter((_, index) => index % 2 === parity),
      [...shape],
    );
  return tf.tidy(() => tf.complex(part(0), part(1)));
};

/** A new tensor with a constant's values, on the current backend. */
export const makeConstant = (node: ConstantNode, sizes: Sizes): tf.Tensor => {
  const { values, outputs } = node;
  const [{ dtype }] = outputs;
  const shape = evaluateShape(outputs[0].shape, sizes);
  if (isFill(values)) {
    const { fill } = values;
    return makeFill(typeof fill === 'string' ? fill : evaluate(fill, sizes), shape, dtype);
  }
  if (!isTypedArray(values)) return tf.tensor([...values], shape, dtype);
  if (dtype === 'complex64') return makeComplex(values as Float32Array, shape);
  // The cpu backend keeps the array it is given; the copy protects the graph's own.
  return tf.tensor(values.slice(), shape, dtype);
};

const NO_SIZES: Sizes = new Map();

/** The constants of a graph as tensors, uploaded once to each backend. */
export class ConstantTensors {
  #byBackend = new WeakMap<object, Map<ConstantNode, tf.Tensor>>();
  readonly #all = new Set<tf.Tensor>();

  /** Puts constants that do not depend on open dimensions into their slots. */
  load(constants: readonly PlanInput<ConstantNode>[], slots: (tf.Tensor | undefined)[]): void {
    if (constants.length === 0) return;
    const backend = tf.backend();
    const uploaded = this.#byBackend.get(backend) ?? new Map<ConstantNode, tf.Tensor>();
    this.#byBackend.set(backend, uploaded);
    for (const { node, slot } of constants) {
      const tensor = uploaded.get(node);
      slots[slot] = tensor && !tensor.isDisposed ? tensor : this.#upload(node, uploaded);
    }
  }

  dispose(): void {
    for (const tensor of this.#all) tensor.dispose();
    this.#all.clear();
    this.#byBackend = new WeakMap();
  }

  #upload(node: ConstantNode, uploaded: Map<ConstantNode, tf.Tensor>): tf.Tensor {
    const tensor = tf.keep(makeConstant(node, NO_SIZES));
    uploaded.set(node, tensor);
    this.#all.add(tensor);
    return tensor;
  }
}
