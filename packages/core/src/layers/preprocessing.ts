import * as tf from '@tensorflow/tfjs';
import { applyLayer } from './apply-layer';
import { layerFunction } from './layer-arguments';
import { type LayerOptions, ofRankOf } from './layer-types';

/**
 * Encodes integers as vectors.
 *
 * `tf.keras.layers.CategoryEncoding`. tfjs-layers reads the values to check their range, so a model
 * with this layer cannot be traced into a graph; `tf.oneHot(input, numTokens)` can.
 *
 * @param input [batch] or [batch, n], integers from 0 to `numTokens − 1`; cast to int32
 * @param options.numTokens size of the vectors
 * @param options.outputMode `'multiHot'`: 1 for every integer that occurs in an example; `'count'`: how
 *   often it occurs; `'oneHot'`: one vector per integer, for [batch] or [batch, 1]. Default:
 *   `'multiHot'`
 * @returns [batch, numTokens], float32. An input [batch] counts as a single example except with
 *   `'oneHot'`, and gives [numTokens]
 * @throws Error when a value is out of range
 */
export const categoryEncoding = layerFunction(
  'categoryEncoding',
  (input: tf.Tensor, options: LayerOptions<'categoryEncoding'>): tf.Tensor =>
    applyLayer('category_encoding', tf.layers.categoryEncoding, input, options),
);

/**
 * Crops the center of images. Images that are smaller than the target are resized to it.
 *
 * `tf.keras.layers.CenterCrop`, which keeps the aspect ratio when it resizes; tfjs-layers does not. The
 * layer has no gradient, so apply it to the input of the model.
 *
 * @param input [batch, rows, columns, channels] or [rows, columns, channels]; any numeric dtype
 * @param options.height rows of the output
 * @param options.width columns of the output
 * @returns [batch, height, width, channels] or [height, width, channels], the dtype of the input
 */
export const centerCrop = layerFunction(
  'centerCrop',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'centerCrop'>): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('center_crop', tf.layers.centerCrop, input, options)),
);

/**
 * Resizes images to a random width.
 *
 * `tf.keras.layers.RandomWidth`. Unlike Keras, tfjs-layers also resizes outside training. The width
 * does not follow from the seed of the estimator, and a model with this layer cannot be traced into a
 * graph; consider a dataset's `map` instead.
 *
 * @param input [batch, rows, columns, channels] or [rows, columns, channels]; any numeric dtype
 * @param options.factor lower and upper bound of the change, as shares of the width: [−0.2, 0.3] gives
 *   80% to 130%. One number f means [−f, f]
 * @param options.interpolation `'bilinear'` or `'nearest'`. Default: `'bilinear'`
 * @param options.seed default: a random one
 * @returns [batch, rows, newWidth, channels] or [rows, newWidth, channels], float32
 */
export const randomWidth = layerFunction(
  'randomWidth',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'randomWidth'>): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('random_width', tf.layers.randomWidth, input, options)),
);

/**
 * Scales values: `input · scale + offset`.
 *
 * `tf.keras.layers.Rescaling`.
 *
 * @param input any shape and numeric dtype
 * @param options.scale for pixels from 0 to 255, `1 / 255` gives 0 to 1
 * @param options.offset default: 0
 * @returns the same shape, float32
 */
export const rescaling = layerFunction(
  'rescaling',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'rescaling'>): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('rescaling', tf.layers.rescaling, input, options)),
);

/**
 * Resizes images.
 *
 * `tf.keras.layers.Resizing`. Keras samples at pixel centers; tfjs-layers aligns the corner pixels of
 * input and output. `cropToAspectRatio: true` does not crop in tfjs-layers: it turns off the alignment
 * of corners.
 *
 * @param input [batch, rows, columns, channels] or [rows, columns, channels]; any numeric dtype
 * @param options.height rows of the output
 * @param options.width columns of the output
 * @param options.interpolation `'bilinear'` or `'nearest'`. Default: `'bilinear'`
 * @returns [batch, height, width, channels] or [height, width, channels], float32
 */
export const resizing = layerFunction(
  'resizing',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'resizing'>): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('resizing', tf.layers.resizing, input, options)),
);
