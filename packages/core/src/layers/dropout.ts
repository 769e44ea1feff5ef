import {
  checkedFunction,
  kinds,
  type Parameter,
  required,
  requiredOptions,
} from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { currentModelCall } from '../scope/model-call';
import { normal, uniform } from '../scope/random';
import { tensorInput } from './layer-arguments';

/*
 * Layers that draw random numbers. Those of tfjs-layers use a generator that cannot be reseeded for each
 * step: without a seed a run cannot be repeated, and with a seed every step drops the same units. The
 * layers here derive their seed from that of the estimator, the global step, and their position in the
 * model function.
 */

/** Options that every noise layer accepts. */
export interface NoiseOptions {
  /** Whether to add noise. Default: the `isTraining` of the model function. */
  readonly training?: boolean | undefined;
}

/** Runs `noise` in training, and returns the input otherwise. The mask of the input stays. */
const inTraining = <T extends tf.Tensor>(
  kind: string,
  input: T,
  training: boolean | undefined,
  noise: () => tf.Tensor,
): T => {
  const call = currentModelCall(`layers.${kind}()`);
  if (!(training ?? call.isTraining)) return input;
  const output = tf.tidy(kind, noise) as T;
  call.masks.set(output, call.masks.get(input));
  return output;
};

/** A layer function that refuses unknown options and superfluous arguments. */
const noiseFunction = <Fn extends (...args: never[]) => tf.Tensor>(
  kind: string,
  keys: Readonly<Record<string, true | Parameter>>,
  fn: Fn,
): Fn =>
  checkedFunction(
    `layers.${kind}()`,
    {
      input: required(tensorInput),
      options: requiredOptions<object>({ ...keys, training: kinds.boolean }),
    },
    fn,
  );

const assertRate = (kind: string, rate: number): void => {
  if (rate >= 0 && rate < 1) return;
  throw new ModelFnError({
    subject: `option "rate" of layers.${kind}()`,
    expected: 'a number in [0, 1)',
    actual: String(rate),
    fix: 'Pass the share of units to drop, such as 0.4.',
  });
};

/** One for a unit to keep, zero for a unit to drop. */
const keepMask = (shape: readonly number[], rate: number): tf.Tensor =>
  uniform([...shape] as tf.ShapeMap[tf.Rank])
    .greaterEqual(rate)
    .toFloat();

/**
 * Sets a random share of the input to zero in training, and multiplies the rest by `1 / (1 - rate)`.
 *
 * `tf.layers.dropout` of TensorFlow 1, `tf.keras.layers.Dropout`. Unlike these, `rate` has no default.
 * The mask follows from the estimator's seed, the global step and the position in the model function,
 * so a resumed run draws the same.
 *
 * @param input any shape, float32
 * @param options.rate the share to drop, in [0, 1)
 * @param options.noiseShape the shape of the mask; along a dimension of 1, all units are dropped
 *   together. Default: the shape of the input
 * @param options.training whether to drop. Default: the `isTraining` of the model function
 * @returns the same shape, float32
 * @throws ModelFnError when `rate` is outside [0, 1)
 *
 * @example
 * const dropped = layers.dropout(hidden, { rate: 0.4 });
 */
export const dropout = noiseFunction(
  'dropout',
  { rate: required(), noiseShape: true },
  <T extends tf.Tensor>(
    input: T,
    {
      rate,
      training,
      noiseShape,
    }: NoiseOptions & { readonly rate: number; readonly noiseShape?: readonly number[] },
  ): T => {
    assertRate('dropout', rate);
    if (rate === 0) return input;
    return inTraining('dropout', input, training, () =>
      input.mul(keepMask(noiseShape ?? input.shape, rate)).div(1 - rate),
    );
  },
);

/**
 * Drops a random share of the channels in training, each in all time steps of an example.
 *
 * `tf.keras.layers.SpatialDropout1D`. Random numbers as for {@link dropout}.
 *
 * @param input [batch, steps, channels], float32
 * @param options.rate the share to drop, in [0, 1)
 * @param options.training whether to drop. Default: the `isTraining` of the model function
 * @returns the same shape, float32
 * @throws ModelFnError when `rate` is outside [0, 1)
 */
export const spatialDropout1d = noiseFunction(
  'spatialDropout1d',
  { rate: required() },
  <T extends tf.Tensor>(
    input: T,
    { rate, training }: NoiseOptions & { readonly rate: number },
  ): T => {
    const [batch = 1, , channels = 1] = input.shape;
    return dropout(input, {
      rate,
      noiseShape: [batch, 1, channels],
      ...(training !== undefined && { training }),
    });
  },
);

/**
 * Adds normally distributed noise of mean 0 in training.
 *
 * `tf.keras.layers.GaussianNoise`. Random numbers as for {@link dropout}.
 *
 * @param input any shape, float32
 * @param options.stddev the standard deviation of the noise
 * @param options.training whether to add noise. Default: the `isTraining` of the model function
 * @returns the same shape, float32
 */
export const gaussianNoise = noiseFunction(
  'gaussianNoise',
  { stddev: required(kinds.finiteNumber) },
  <T extends tf.Tensor>(
    input: T,
    { stddev, training }: NoiseOptions & { readonly stddev: number },
  ): T =>
    inTraining('gaussianNoise', input, training, () =>
      input.add(normal(input.shape as tf.ShapeMap[tf.Rank], 0, stddev)),
    ),
);

/**
 * Multiplies by normally distributed noise of mean 1 in training.
 *
 * `tf.keras.layers.GaussianDropout`. Random numbers as for {@link dropout}.
 *
 * @param input any shape, float32
 * @param options.rate in [0, 1): the standard deviation of the noise is `√(rate / (1 − rate))`
 * @param options.training whether to add noise. Default: the `isTraining` of the model function
 * @returns the same shape, float32
 * @throws ModelFnError when `rate` is outside [0, 1)
 */
export const gaussianDropout = noiseFunction(
  'gaussianDropout',
  { rate: required() },
  <T extends tf.Tensor>(
    input: T,
    { rate, training }: NoiseOptions & { readonly rate: number },
  ): T => {
    assertRate('gaussianDropout', rate);
    return inTraining('gaussianDropout', input, training, () =>
      input.mul(normal(input.shape as tf.ShapeMap[tf.Rank], 1, Math.sqrt(rate / (1 - rate)))),
    );
  },
);

/** The value at which SELU saturates, `-scale * alpha`. Source: Klambauer et al. 2017, section 3. */
const SELU_MINIMUM = -1.0507009873554805 * 1.6732632423543772;

/**
 * Sets a random share of the input to the value at which SELU saturates in training, and rescales, so
 * that the mean and variance of SELU activations stay as they are. Source: Klambauer et al. 2017.
 *
 * `tf.keras.layers.AlphaDropout`, without `noise_shape`. Random numbers as for {@link dropout}.
 *
 * @param input any shape, float32
 * @param options.rate the share to drop, in [0, 1)
 * @param options.training whether to drop. Default: the `isTraining` of the model function
 * @returns the same shape, float32
 * @throws ModelFnError when `rate` is outside [0, 1)
 */
export const alphaDropout = noiseFunction(
  'alphaDropout',
  { rate: required() },
  <T extends tf.Tensor>(
    input: T,
    { rate, training }: NoiseOptions & { readonly rate: number },
  ): T => {
    assertRate('alphaDropout', rate);
    return inTraining('alphaDropout', input, training, () => {
      const keep = keepMask(input.shape, rate);
      const scale = ((1 - rate) * (1 + rate * SELU_MINIMUM ** 2)) ** -0.5;
      const shift = -scale * SELU_MINIMUM * rate;
      return input.mul(keep).add(tf.sub(1, keep).mul(SELU_MINIMUM)).mul(scale).add(shift);
    });
  },
);
