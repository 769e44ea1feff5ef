import {
  checkedFunction,
  ExplainedRangeError,
  kinds,
  required,
  requiredOptions,
} from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import type { Distribution, DistributionParameters } from '../ir/types';
import { currentBackendName } from '../tfjs-internals';
import {
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  fillWords,
  type PhiloxStream,
  streamOf,
} from './philox';

/** What to draw, and what determines the values. */
export interface RandomTensorOptions {
  readonly distribution: Distribution;
  readonly shape: readonly number[];
  /**
   * Default: float32. int32 values of a uniform distribution are from `minval` (inclusive) to `maxval`
   * (exclusive), and normally distributed ones are rounded.
   */
  readonly dtype?: 'float32' | 'int32' | undefined;
  readonly parameters?: DistributionParameters | undefined;
  /** The seed of the call or run that the tensor belongs to: a safe integer. */
  readonly seed: number;
  /** The number of the random tensor within the call; the same seed and index give the same values. */
  readonly index: number;
}

/** The kernel that draws random tensors. A trace records it as a random node, not as a constant. */
export const RANDOM_KERNEL = 'ElistimatorRandom';

/** `values * scale + offset`, each step rounded to float32 as by TensorFlow's operations. */
const multiplyAdd = (values: Float32Array, scale: number, offset: number): Float32Array => {
  if (scale === 1 && offset === 0) return values;
  const [factor, summand] = [Math.fround(scale), Math.fround(offset)];
  for (let index = 0; index < values.length; index++) {
    values[index] = Math.fround((values[index] ?? 0) * factor) + summand;
  }
  return values;
};

/** `tf.random.stateless_uniform` with an integer dtype: the remainder of each word. */
const uniformIntegers = (
  stream: PhiloxStream,
  size: number,
  minval: number,
  maxval: number,
): Int32Array => {
  const words = new Int32Array(size);
  fillWords(stream, words);
  const range = maxval - minval;
  for (let index = 0; index < size; index++) {
    words[index] = minval + (((words[index] ?? 0) >>> 0) % range);
  }
  return words;
};

const isInt32 = (value: number): boolean => value === (value | 0);

const valuesOf = ({
  distribution,
  shape,
  dtype,
  parameters = {},
  seed,
  index,
}: RandomTensorOptions): Float32Array | Int32Array => {
  const { minval = 0, maxval = 1, mean = 0, stddev = 1 } = parameters;
  const size = tf.util.sizeFromShape([...shape]);
  const stream = streamOf(seed, index);
  if (distribution === 'uniform') {
    const isInteger = dtype === 'int32' && isInt32(minval) && isInt32(maxval) && minval < maxval;
    if (isInteger) return uniformIntegers(stream, size, minval, maxval);
    const values = new Float32Array(size);
    fillUniform(stream, values);
    multiplyAdd(values, Math.fround(maxval) - Math.fround(minval), minval);
    return dtype === 'int32' ? Int32Array.from(values, Math.floor) : values;
  }
  const values = new Float32Array(size);
  if (distribution === 'normal') fillNormal(stream, values);
  else fillTruncatedNormal(stream, values);
  multiplyAdd(values, stddev, mean);
  return dtype === 'int32' ? Int32Array.from(values, Math.round) : values;
};

/** Registers the kernel with tfjs, which looks kernels up by backend. */
const registerFor = (backendName: string): void => {
  if (tf.getKernel(RANDOM_KERNEL, backendName) !== undefined) return;
  tf.registerKernel({
    kernelName: RANDOM_KERNEL,
    backendName,
    kernelFunc: ({ attrs }) => {
      const options = attrs as unknown as RandomTensorOptions;
      return tf
        .engine()
        .makeTensor(valuesOf(options), [...options.shape], options.dtype ?? 'float32');
    },
  });
};

const distributions: readonly unknown[] = ['uniform', 'normal', 'truncatedNormal'];

const assertDistribution = ({
  distribution,
  dtype,
  parameters = {},
}: RandomTensorOptions): void => {
  const known = distribution === 'uniform' ? ['minval', 'maxval'] : ['mean', 'stddev'];
  const fail = (subject: string, expected: string, actual: string): never => {
    const fix = 'See RandomTensorOptions.';
    throw new ExplainedRangeError({
      subject: `${subject} of randomTensor()`,
      expected,
      actual,
      fix,
    });
  };
  if (!distributions.includes(distribution)) {
    fail('"distribution"', 'uniform, normal or truncatedNormal', `"${distribution}"`);
  }
  if (dtype !== undefined && dtype !== 'float32' && dtype !== 'int32') {
    fail('"dtype"', 'float32 or int32', `"${dtype}"`);
  }
  for (const [parameter, value] of Object.entries(parameters)) {
    if (value === undefined || (known.includes(parameter) && Number.isFinite(value))) continue;
    const expected = `finite numbers as ${known.join(' and ')} of "${distribution}"`;
    fail('"parameters"', expected, `${parameter}: ${value}`);
  }
};

const assertInteger = (option: 'seed' | 'index', value: number): void => {
  if (Number.isSafeInteger(value)) return;
  throw new RangeError(
    `randomTensor(): expected a safe integer as ${option}, got ${value}. Round it, or derive one with mixSeed().`,
  );
};

/**
 * Draws a tensor of random values, which `seed` and `index` alone determine: those of
 * `tf.random.stateless_uniform`, `stateless_normal` or `stateless_truncated_normal` in Python under
 * `seed=[seed, index]` (normally distributed values up to 2e-6). In a trace it becomes a random operation
 * of the graph, for which each run gives the seed; `tf.randomUniform` and the like would be constants.
 *
 * @returns a tensor of the given shape and dtype; the caller disposes it, or the surrounding `tf.tidy`
 * @throws RangeError if the seed or the index is not a safe integer
 */
export const randomTensor = checkedFunction(
  'randomTensor()',
  {
    options: requiredOptions<RandomTensorOptions>({
      distribution: required(),
      shape: required(kinds.array),
      dtype: true,
      parameters: kinds.object,
      seed: required(),
      index: required(),
    }),
  },
  <R extends tf.Rank = tf.Rank>(options: RandomTensorOptions): tf.Tensor<R> => {
    const { distribution, shape, dtype = 'float32', parameters = {}, seed, index } = options;
    assertDistribution(options);
    assertInteger('seed', seed);
    assertInteger('index', index);
    registerFor(currentBackendName());
    const attributes = { distribution, shape: [...shape], dtype, parameters, seed, index };
    return tf.engine().runKernel(RANDOM_KERNEL, {}, attributes as unknown as tf.NamedAttrMap);
  },
);

/**
 * Mixes numbers and names into one 32-bit seed, so that similar inputs give unrelated seeds.
 * Source: the FNV-1a hash of the parts, then the finalizer of MurmurHash3.
 */
export const mixSeed = (...parts: readonly (number | string)[]): number => {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (const character of `${part}\u0000`) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};
