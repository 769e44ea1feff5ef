import * as tf from '@tensorflow/tfjs';
import { applyLayer } from './apply-layer';
import { layerFunction } from './layer-arguments';
import { type LayerOptions, ofRankOf } from './layer-types';

/**
 * Normalizes each channel: `gamma · (x − mean) / √(variance + epsilon) + beta`. In training, mean and
 * variance are those of the batch, and update the moving averages; otherwise they are the moving
 * averages.
 *
 * `tf.layers.batch_normalization` of TensorFlow 1, `tf.keras.layers.BatchNormalization`. The moving
 * averages are updated by the call itself, so there are no update operations to run. Their variance is
 * the biased one; TensorFlow's fused kernel uses the unbiased one. tfjs-layers cannot train with
 * `center` or `scale` set to false.
 *
 * Variables, each [channels]: `batch_normalization/gamma`, `/beta`, and, not trainable, `/moving_mean`
 * and `/moving_variance`.
 *
 * @param input [batch, …, channels], float32
 * @param options.axis the dimension of the channels. Default: −1
 * @param options.momentum of the moving averages: new = momentum · old + (1 − momentum) · batch.
 *   Default: 0.99
 * @param options.epsilon default: 0.001
 * @param options.center add beta. Default: true
 * @param options.scale multiply by gamma. Default: true
 * @param options.gammaInitializer default: `'ones'`; so is `movingVarianceInitializer`
 * @param options.betaInitializer default: `'zeros'`; so is `movingMeanInitializer`
 * @param options.training use and record the statistics of the batch. Default: the `isTraining` of the
 *   model function
 * @param options.mask in training, the positions whose statistics count. Default: the mask of the input
 * @returns the same shape, float32
 */
export const batchNormalization = layerFunction(
  'batchNormalization',
  <R extends tf.Rank>(
    input: tf.Tensor<R>,
    options: LayerOptions<'batchNormalization'> = {},
  ): tf.Tensor<R> =>
    ofRankOf(
      input,
      applyLayer('batch_normalization', tf.layers.batchNormalization, input, options),
    ),
);

/**
 * Normalizes each example: `gamma · (x − mean) / √(variance + epsilon) + beta`, with mean and variance
 * over `axis`. The same in training and otherwise.
 *
 * `tf.keras.layers.LayerNormalization`. `tf.contrib.layers.layer_norm` of TensorFlow 1 normalizes over
 * all dimensions but the batch and has another epsilon.
 *
 * Variables, of the shape of the input along `axis`: `layer_normalization/gamma`, `/beta`.
 *
 * @param input [batch, …, channels], float32
 * @param options.axis one dimension, or several. Default: −1
 * @param options.epsilon default: 0.001
 * @param options.center add beta. Default: true
 * @param options.scale multiply by gamma. Default: true
 * @param options.gammaInitializer default: `'ones'`
 * @param options.betaInitializer default: `'zeros'`
 * @returns the same shape, float32
 */
export const layerNormalization = layerFunction(
  'layerNormalization',
  <R extends tf.Rank>(
    input: tf.Tensor<R>,
    options: LayerOptions<'layerNormalization'> = {},
  ): tf.Tensor<R> =>
    ofRankOf(
      input,
      applyLayer('layer_normalization', tf.layers.layerNormalization, input, options),
    ),
);
