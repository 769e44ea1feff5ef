import * as tf from '@tensorflow/tfjs';
import { applyLayer } from './apply-layer';
import { layerFunction } from './layer-arguments';
import { type LayerOptions, ofRank, ofRankOf } from './layer-types';

/**
 * Turns everything after the batch into one dimension.
 *
 * `tf.layers.flatten` of TensorFlow 1, `tf.keras.layers.Flatten`. Unlike these, it rejects inputs of
 * rank 1 and 2.
 *
 * @param input [batch, …], of rank 3 or more; any dtype
 * @param options.dataFormat `'channelsFirst'` moves the channels last before flattening, so that the
 *   order of values does not depend on the format. Default: `'channelsLast'`
 * @returns [batch, product of the other dimensions], the dtype of the input
 */
export const flatten = layerFunction(
  'flatten',
  (input: tf.Tensor, options: LayerOptions<'flatten'> = {}): tf.Tensor2D =>
    ofRank(2, applyLayer('flatten', tf.layers.flatten, input, options)),
);

/**
 * Reorders the dimensions after the batch.
 *
 * `tf.keras.layers.Permute`.
 *
 * @param input [batch, …]; any dtype
 * @param options.dims a permutation of 1 to rank − 1: `[2, 1]` swaps the first two dimensions after the
 *   batch
 * @returns the reordered tensor, of the same rank and dtype
 */
export const permute = layerFunction(
  'permute',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'permute'>): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('permute', tf.layers.permute, input, options)),
);

/**
 * Repeats each vector as time steps.
 *
 * `tf.keras.layers.RepeatVector`.
 *
 * @param input [batch, channels]; any dtype
 * @param options.n number of repetitions
 * @returns [batch, n, channels], the dtype of the input
 */
export const repeatVector = layerFunction(
  'repeatVector',
  (input: tf.Tensor, options: LayerOptions<'repeatVector'>): tf.Tensor3D =>
    ofRank(3, applyLayer('repeat_vector', tf.layers.repeatVector, input, options)),
);

/**
 * Changes the shape of everything after the batch.
 *
 * `tf.keras.layers.Reshape`. `tf.reshape(input, [-1, …])` does the same, and has a type of known rank.
 *
 * @param input [batch, …]; any dtype
 * @param options.targetShape the new shape without the batch; one dimension may be −1 or null, and
 *   follows from the others
 * @returns [batch, …targetShape], the dtype of the input
 */
export const reshape = layerFunction(
  'reshape',
  (input: tf.Tensor, options: LayerOptions<'reshape'>): tf.Tensor =>
    applyLayer('reshape', tf.layers.reshape, input, options),
);

/**
 * Removes rows and columns at the edges of images.
 *
 * `tf.keras.layers.Cropping2D`.
 *
 * @param input [batch, rows, columns, channels]; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`. Any dtype
 * @param options.cropping one number for all edges, [rows, columns] for both edges of each, or
 *   [[top, bottom], [left, right]]
 * @param options.dataFormat default: `'channelsLast'`
 * @returns the cropped images, of the same rank and dtype
 */
export const cropping2D = layerFunction(
  'cropping2D',
  (input: tf.Tensor, options: LayerOptions<'cropping2D'>): tf.Tensor4D =>
    ofRank(4, applyLayer('cropping2d', tf.layers.cropping2D, input, options)),
);

/**
 * Enlarges images by whole factors.
 *
 * `tf.keras.layers.UpSampling2D`. `'bilinear'` samples as TensorFlow 1 does, from the top left corner;
 * TensorFlow 2 samples at pixel centers.
 *
 * @param input [batch, rows, columns, channels], float32; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`
 * @param options.size factors of rows and columns. Default: [2, 2]
 * @param options.interpolation `'nearest'` repeats pixels. Or `'bilinear'`. Default: `'nearest'`
 * @param options.dataFormat default: `'channelsLast'`
 * @returns [batch, rows · size[0], columns · size[1], channels], float32; channels first if the input is
 */
export const upSampling2d = layerFunction(
  'upSampling2d',
  (input: tf.Tensor, options: LayerOptions<'upSampling2d'> = {}): tf.Tensor4D =>
    ofRank(4, applyLayer('up_sampling2d', tf.layers.upSampling2d, input, options)),
);

/**
 * Adds rows and columns of zeros at the edges of images.
 *
 * `tf.keras.layers.ZeroPadding2D`.
 *
 * @param input [batch, rows, columns, channels]; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`. Any dtype
 * @param options.padding one number for all edges, [rows, columns] for both edges of each, or
 *   [[top, bottom], [left, right]]. Default: 1
 * @param options.dataFormat default: `'channelsLast'`
 * @returns the padded images, of the same rank and dtype
 */
export const zeroPadding2d = layerFunction(
  'zeroPadding2d',
  (input: tf.Tensor, options: LayerOptions<'zeroPadding2d'> = {}): tf.Tensor4D =>
    ofRank(4, applyLayer('zero_padding2d', tf.layers.zeroPadding2d, input, options)),
);
