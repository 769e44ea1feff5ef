import * as tf from '@tensorflow/tfjs';
import { mixSeed } from '../random';
import { refuse } from './refusals';

/** What is known of an input beforehand. */
export interface InputSpec {
  /** null, as the first dimension only, stands for the batch size. */
  readonly shape: readonly (number | null)[];
  /** float32 by default. */
  readonly dtype?: tf.DataType | undefined;
}

/** @throws TraceError when a shape leaves open more than the batch size, or is none */
export const checkInputs = (inputs: Readonly<Record<string, InputSpec>>): void => {
  for (const [name, { shape, dtype = 'float32' }] of Object.entries(inputs)) {
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
  }
};

/** Numbers that look random and are the same in every trace. */
const numbers = (size: number, seed: number): Float32Array =>
  Float32Array.from({ length: size }, (_, index) => (mixSeed(seed, index) + 0.5) / 2 ** 32);

/**
 * An input made up: numbers between 0 and 1, integers and booleans 0 or 1, which are indices and labels
 * that most code takes.
 *
 * @param seed other seeds give other values
 */
export const syntheticInput = (
  { shape, dtype = 'float32' }: InputSpec,
  batchSize: number | undefined,
  seed: number,
): tf.Tensor => {
  const sizes = shape.map((size) => size ?? batchSize ?? 1);
  const values = numbers(tf.util.sizeFromShape(sizes), seed);
  if (dtype === 'float32') return tf.tensor(values, sizes);
  if (dtype === 'complex64') return tf.complex(tf.tensor(values, sizes), tf.zeros(sizes));
  const bits = Array.from(values, (value) => (value < 0.5 ? 0 : 1));
  if (dtype === 'string') return tf.tensor(bits.map(String), sizes, 'string');
  return tf.tensor(bits, sizes, dtype);
};
