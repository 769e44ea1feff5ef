import type * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';

/** The input of a layer: a tensor, or several for layers that merge them or take an initial state. */
export type LayerInput = tf.Tensor | tf.Tensor[];

/** Options that every layer accepts in addition to its own. */
export interface LayerCallOptions {
  /** Whether the layer behaves as in training. Default: the `isTraining` of the model function. */
  readonly training?: boolean | undefined;
  /**
   * The time steps that count, of shape [batch, time] and dtype bool, in place of the mask of the input.
   * Layers that neither use nor pass on a mask refuse it; those that merge inputs take it from these.
   * Default: the mask of the input, which `embedding`, `masking` or `setMask` made.
   */
  readonly mask?: tf.Tensor | undefined;
  /**
   * Share the variables of the layer of the same `name` that this call of the model function has
   * already used. Default: false.
   */
  readonly reuse?: boolean | undefined;
  /**
   * The name of the layer in its variable scope. Default: its kind, numbered as in TensorFlow 1:
   * `conv2d`, `conv2d_1`, …
   */
  readonly name?: string | undefined;
}

/** Options of tfjs-layers that only the first layer of a `tf.LayersModel` needs. */
type ModelInputOption = 'inputShape' | 'batchInputShape' | 'batchSize' | 'inputDType';

/** The options of a layer function, from the configuration of the tfjs-layers factory that it calls. */
export type OptionsFor<Config> = Omit<
  NonNullable<Config>,
  keyof LayerCallOptions | ModelInputOption
> &
  LayerCallOptions;

/** The options of the layer function `Name`. */
export type LayerOptions<Name extends keyof typeof tf.layers> = (typeof tf.layers)[Name] extends (
  config: infer Config,
) => tf.layers.Layer
  ? OptionsFor<Config>
  : never;

interface TensorOfRank {
  2: tf.Tensor2D;
  3: tf.Tensor3D;
  4: tf.Tensor4D;
  5: tf.Tensor5D;
}

const rankError = (rank: number, output: tf.Tensor) =>
  new ModelFnError({
    subject: 'output of a layer',
    expected: `a tensor of rank ${rank}`,
    actual: `shape [${output.shape}]`,
    fix: 'Check the shape of the input and the options of the layer.',
  });

const isOfRank = <N extends keyof TensorOfRank>(
  rank: N,
  tensor: tf.Tensor,
): tensor is TensorOfRank[N] => tensor.rank === rank;

/**
 * Gives an output the type of its rank.
 *
 * @throws ModelFnError when it has another rank
 */
export const ofRank = <N extends keyof TensorOfRank>(
  rank: N,
  output: tf.Tensor,
): TensorOfRank[N] => {
  if (isOfRank(rank, output)) return output;
  throw rankError(rank, output);
};

const isOfRankOf = <R extends tf.Rank>(
  input: tf.Tensor<R>,
  tensor: tf.Tensor,
): tensor is tf.Tensor<R> => tensor.rank === input.rank;

/**
 * Gives an output the type of an input of the same rank.
 *
 * @throws ModelFnError when the ranks differ
 */
export const ofRankOf = <R extends tf.Rank>(
  input: tf.Tensor<R>,
  output: tf.Tensor,
): tf.Tensor<R> => {
  if (isOfRankOf(input, output)) return output;
  throw rankError(input.rank, output);
};
