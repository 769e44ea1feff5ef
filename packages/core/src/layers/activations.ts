import * as tf from '@tensorflow/tfjs';
import { applyLayer } from './apply-layer';
import { layerFunction } from './layer-arguments';
import { type LayerOptions, ofRankOf } from './layer-types';

/**
 * Applies an activation function, by name.
 *
 * `tf.keras.layers.Activation`. Functions such as `tf.relu(input)` do the same.
 *
 * @param input any shape, float32
 * @param options.activation `'relu'`, `'tanh'`, `'sigmoid'`, `'softmax'` (over the last dimension) or
 *   another name of tfjs-layers
 * @returns the same shape, float32
 */
export const activation = layerFunction(
  'activation',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'activation'>): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('activation', tf.layers.activation, input, options)),
);

/**
 * The exponential linear unit: x for x ≥ 0, eˣ − 1 below.
 *
 * `tf.keras.layers.ELU`. tfjs-layers throws for an `alpha` other than 1.
 *
 * @param input any shape, float32
 * @param options.alpha must be 1. Default: 1
 * @returns the same shape, float32
 */
export const elu = layerFunction(
  'elu',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'elu'> = {}): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('elu', tf.layers.elu, input, options)),
);

/**
 * The leaky rectified linear unit: x for x ≥ 0, alpha · x below.
 *
 * `tf.keras.layers.LeakyReLU`. `tf.nn.leaky_relu` of TensorFlow has another default, 0.2.
 *
 * @param input any shape, float32
 * @param options.alpha slope below zero. Default: 0.3
 * @returns the same shape, float32
 */
export const leakyReLU = layerFunction(
  'leakyReLU',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'leakyReLU'> = {}): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('leaky_re_lu', tf.layers.leakyReLU, input, options)),
);

/**
 * The parametric rectified linear unit: x for x ≥ 0, alpha · x below, where alpha is trained.
 *
 * `tf.keras.layers.PReLU`.
 *
 * Variables: `p_re_lu/alpha`, of the shape of the input without the batch, and 1 along `sharedAxes`.
 *
 * @param input [batch, …], float32
 * @param options.alphaInitializer default: `'zeros'`
 * @param options.sharedAxes dimensions that share one value, counted from 1 after the batch: [1, 2] has
 *   one alpha per channel of images. Default: none
 * @returns the same shape, float32
 */
export const prelu = layerFunction(
  'prelu',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'prelu'> = {}): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('p_re_lu', tf.layers.prelu, input, options)),
);

/**
 * The rectified linear unit: max(x, 0), at most `maxValue`.
 *
 * `tf.keras.layers.ReLU`, without `negative_slope` and `threshold`.
 *
 * @param input any shape, float32
 * @param options.maxValue default: no maximum
 * @returns the same shape, float32
 */
export const reLU = layerFunction(
  'reLU',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'reLU'> = {}): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('re_lu', tf.layers.reLU, input, options)),
);

/**
 * Values from 0 to 1 that sum to 1 along an axis.
 *
 * `tf.keras.layers.Softmax`. Unlike Keras, whose default is the last axis, the default is axis 1: for
 * inputs of rank 3 and more, pass `axis: -1`. tfjs-layers throws for a single other axis.
 *
 * @param input of rank 2 or more, float32
 * @param options.axis the last axis, or an array of several axes. Default: 1
 * @param options.mask the positions to consider, broadcast to the shape of the input; the others become
 *   0. Default: the mask of the input if it has the shape of the input
 * @returns the same shape, float32
 */
export const softmax = layerFunction(
  'softmax',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'softmax'> = {}): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('softmax', tf.layers.softmax, input, options)),
);

/**
 * The thresholded rectified linear unit: x for x > theta, 0 below.
 *
 * `tf.keras.layers.ThresholdedReLU`.
 *
 * @param input any shape, float32
 * @param options.theta default: 1
 * @returns the same shape, float32
 */
export const thresholdedReLU = layerFunction(
  'thresholdedReLU',
  <R extends tf.Rank>(
    input: tf.Tensor<R>,
    options: LayerOptions<'thresholdedReLU'> = {},
  ): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('thresholded_re_lu', tf.layers.thresholdedReLU, input, options)),
);
