import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { currentModelCall } from '../model/model-call';
import { normal, uniform } from '../model/random';

/*
 * Layers that draw random numbers. tfjs-layers draws from a generator that can't be seeded anew each
 * step: without a seed a run can't be repeated, with one every step drops the same units. These draw
 * from the estimator's seed, the global step and their place in the model function.
 */

/** What every one of these layers may say. */
export interface NoiseOptions {
  /** Whether to act as in training; the model function's own `isTraining` by default. */
  readonly training?: boolean | undefined;
}

/** Runs `noise` in training, and gives the input back otherwise. */
const inTraining = <T extends tf.Tensor>(
  what: string,
  input: T,
  training: boolean | undefined,
  noise: () => tf.Tensor,
): T => {
  const call = currentModelCall(`layers.${what}()`);
  return (training ?? call.isTraining) ? (tf.tidy(what, noise) as T) : input;
};

const checkRate = (what: string, rate: number): void => {
  if (rate >= 0 && rate < 1) return;
  throw new ModelFnError({
    subject: `layers.${what}()`,
    expected: 'a rate in [0, 1)',
    actual: String(rate),
    fix: 'The rate is the part that is dropped.',
  });
};

/** One where a unit is kept, zero where it is dropped. */
const keptUnits = (shape: readonly number[], rate: number): tf.Tensor =>
  uniform([...shape] as tf.ShapeMap[tf.Rank])
    .greaterEqual(rate)
    .toFloat();

/**
 * Sets a part of the input to zero in training, and scales the rest up by `1 / (1 - rate)`.
 *
 * @param options.rate the part to drop, in [0, 1)
 * @param options.noiseShape the shape of the mask; a dimension of 1 drops along the whole of it
 */
export const dropout = <T extends tf.Tensor>(
  input: T,
  {
    rate,
    training,
    noiseShape,
  }: NoiseOptions & { readonly rate: number; readonly noiseShape?: readonly number[] },
): T => {
  checkRate('dropout', rate);
  if (rate === 0) return input;
  return inTraining('dropout', input, training, () =>
    input.mul(keptUnits(noiseShape ?? input.shape, rate)).div(1 - rate),
  );
};

/** Drops whole channels of `[batch, time, channels]` in training. */
export const spatialDropout1d = <T extends tf.Tensor>(
  input: T,
  { rate, training }: NoiseOptions & { readonly rate: number },
): T => {
  const [batch = 1, , channels = 1] = input.shape;
  return dropout(input, {
    rate,
    noiseShape: [batch, 1, channels],
    ...(training !== undefined && { training }),
  });
};

/** Adds normally distributed noise in training. */
export const gaussianNoise = <T extends tf.Tensor>(
  input: T,
  { stddev, training }: NoiseOptions & { readonly stddev: number },
): T =>
  inTraining('gaussianNoise', input, training, () =>
    input.add(normal(input.shape as tf.ShapeMap[tf.Rank], 0, stddev)),
  );

/** Multiplies with normally distributed noise of mean 1 in training. */
export const gaussianDropout = <T extends tf.Tensor>(
  input: T,
  { rate, training }: NoiseOptions & { readonly rate: number },
): T => {
  checkRate('gaussianDropout', rate);
  return inTraining('gaussianDropout', input, training, () =>
    input.mul(normal(input.shape as tf.ShapeMap[tf.Rank], 1, Math.sqrt(rate / (1 - rate)))),
  );
};

/** SELU's saturation value, `-scale * alpha`. Source: Klambauer et al. 2017, section 3. */
const SELU_MINIMUM = -1.0507009873554805 * 1.6732632423543772;

/** Dropout that keeps mean and variance of SELU activations. Source: Klambauer et al. 2017. */
export const alphaDropout = <T extends tf.Tensor>(
  input: T,
  { rate, training }: NoiseOptions & { readonly rate: number },
): T => {
  checkRate('alphaDropout', rate);
  return inTraining('alphaDropout', input, training, () => {
    const kept = keptUnits(input.shape, rate);
    const scale = ((1 - rate) * (1 + rate * SELU_MINIMUM ** 2)) ** -0.5;
    const shift = -scale * SELU_MINIMUM * rate;
    return input.mul(kept).add(tf.sub(1, kept).mul(SELU_MINIMUM)).mul(scale).add(shift);
  });
};
