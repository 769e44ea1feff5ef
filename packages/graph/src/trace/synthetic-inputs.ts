import * as tf from '@tensorflow/tfjs';
import { mixSeed } from '../random';
import { refuse } from './refusals';

/** What is known of an input beforehand. */
export interface InputSpec {
  /** null, as the first dimension only, stands for the batch size. */
  readonly shape: readonly (number | null)[];
  /** float32 by default. */
  readonly dtype?: tf.DataType | undefined;
  /**
   * What the made-up values lie between: integers are one or the other. 0 and 1 by default; other dtypes
   * than float32 and int32 have no range.
   */
  readonly range?: readonly [low: number, high: number] | undefined;
}

/** @throws TraceError when a shape leaves open more than the batch size or is none, or a range is none */
export const checkInputs = (inputs: Readonly<Record<string, InputSpec>>): void => {
  for (const [name, { shape, dtype = 'float32', range = [0, 1] }] of Object.entries(inputs)) {
    const open = shape.findIndex((size, axis) => size === null && axis > 0);
    if (open > 0) {
      throw refuse.input(
        name,
        'the batch size, in first place, as the one dimension left open',
        `an input whose dimension ${open} is open as well: [${shape.map((size) => size ?? 'null')}]`,
      );
    }
    if (shape.some((size) => size !== null && !(Number.isInteger(size) && size >= 0))) {
      throw refuse.input(name, 'sizes of at least 0', `[${shape.map((size) => size ?? 'null')}]`);
    }
    if (!['float32', 'int32', 'bool', 'string', 'complex64'].includes(dtype)) {
      throw refuse.input(name, 'a dtype of tfjs', `"${dtype}"`);
    }
    const [low, high] = range;
    const holds = dtype === 'int32' ? Number.isInteger : Number.isFinite;
    if (!(holds(low) && holds(high) && low <= high)) {
      throw refuse.input(name, `a range of ${dtype} from low to high`, `[${low}, ${high}]`);
    }
  }
};

/** Numbers that look random and are the same in every trace. */
const numbers = (size: number, seed: number): Float32Array =>
  Float32Array.from({ length: size }, (_, index) => (mixSeed(seed, index) + 0.5) / 2 ** 32);

/**
 * An input made up: numbers of the range, which is 0 and 1 without one, since these are indices and
 * labels that most code takes.
 *
 * @param seed other seeds give other values
 */
export const syntheticInput = (
  { shape, dtype = 'float32', range: [low, high] = [0, 1] }: InputSpec,
  batchSize: number | undefined,
  seed: number,
): tf.Tensor => {
  const sizes = shape.map((size) => size ?? batchSize ?? 1);
  const values = numbers(tf.util.sizeFromShape(sizes), seed);
  if (dtype === 'float32') {
    return tf.tensor(
      values.map((value) => low + value * (high - low)),
      sizes,
    );
  }
  if (dtype === 'complex64') return tf.complex(tf.tensor(values, sizes), tf.zeros(sizes));
  const bits = Array.from(values, (value) => (value < 0.5 ? 0 : 1));
  if (dtype === 'string') return tf.tensor(bits.map(String), sizes, 'string');
  if (dtype === 'bool') return tf.tensor(bits, sizes, dtype);
  return tf.tensor(
    bits.map((bit) => (bit === 0 ? low : high)),
    sizes,
    dtype,
  );
};
