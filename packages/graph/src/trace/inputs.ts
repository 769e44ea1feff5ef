import { assertKnownKeys } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { mixSeed } from '../random/random-tensor';
import { untraceable } from './untraceable';

/** An input of a function to trace. */
export interface InputSpec {
  /**
   * null or a name for a dimension of any size: null as the first dimension is the batch, which all inputs
   * have in common, and so are dimensions of one name. Other dimensions that are null may differ, unless
   * the function only accepts them equal.
   */
  readonly shape: readonly (number | string | null)[];
  /** A shape that the function accepts, for its open dimensions. Default: small sizes. */
  readonly typical?: readonly number[] | undefined;
  /** Default: float32. */
  readonly dtype?: tf.DataType | undefined;
  /**
   * The range of the synthetic values, for float32 and int32; integers are one of the two limits.
   * Default: 0 to 1.
   */
  readonly range?: readonly [low: number, high: number] | undefined;
}

const formatShape = (shape: InputSpec['shape']): string =>
  `[${shape.map((size) => size ?? 'null')}]`;

const knownKeys = { shape: true, dtype: true, range: true, typical: true } as const;

/** @throws TraceError if a shape, dtype or range is not valid */
export const assertInputs = (inputs: Readonly<Record<string, InputSpec>>): void => {
  for (const [name, spec] of Object.entries(inputs)) {
    assertKnownKeys(`the input "${name}"`, spec, knownKeys, ({ actual, fix }) =>
      untraceable.input(name, `only ${Object.keys(knownKeys).join(', ')}`, actual, fix),
    );
    const { shape, dtype = 'float32', range = [0, 1] } = spec;
    const isSize = (size: number | string | null): boolean =>
      size === null ||
      (typeof size === 'string' ? size !== '' : Number.isInteger(size) && size >= 0);
    if (!shape.every(isSize)) {
      throw untraceable.input(name, 'integer sizes of at least 0, or null', formatShape(shape));
    }
    if (!['float32', 'int32', 'bool', 'string', 'complex64'].includes(dtype)) {
      throw untraceable.input(name, 'a dtype of tfjs', `"${dtype}"`);
    }
    const [low, high] = range;
    const isValid = dtype === 'int32' ? Number.isInteger : Number.isFinite;
    if (!(isValid(low) && isValid(high) && low <= high)) {
      throw untraceable.input(name, `a range of ${dtype} from low to high`, `[${low}, ${high}]`);
    }
  }
};

/** Numbers in (0, 1) that look random and are the same in every trace. */
const fractions = (size: number, seed: number): Float32Array =>
  Float32Array.from({ length: size }, (_, index) => (mixSeed(seed, index) + 0.5) / 2 ** 32);

/**
 * A synthetic input. Without a range, integers are 0 and 1, which most code accepts as indices and
 * labels.
 *
 * @param sizes the shape
 * @param seed other seeds give other values
 */
export const syntheticInput = (
  { dtype = 'float32', range: [low, high] = [0, 1] }: InputSpec,
  sizes: number[],
  seed: number,
): tf.Tensor => {
  const values = fractions(tf.util.sizeFromShape(sizes), seed);
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
