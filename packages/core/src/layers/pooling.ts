import * as tf from '@tensorflow/tfjs';
import { applyLayer } from './apply-layer';
import { layerFunction } from './layer-arguments';
import { type LayerOptions, ofRank } from './layer-types';

/**
 * The average over windows of time steps.
 *
 * `tf.layers.average_pooling1d` of TensorFlow 1, `tf.keras.layers.AveragePooling1D`. Only channels
 * last. Padding does not count in the average.
 *
 * @param input [batch, steps, channels], float32
 * @param options.poolSize length of the window. Default: 2
 * @param options.strides default: `poolSize`
 * @param options.padding `'valid'`, or `'same'` for ⌈steps / strides⌉. Default: `'valid'`
 * @returns [batch, newSteps, channels], float32
 */
export const averagePooling1d = layerFunction(
  'averagePooling1d',
  (input: tf.Tensor, options: LayerOptions<'averagePooling1d'> = {}): tf.Tensor3D =>
    ofRank(3, applyLayer('average_pooling1d', tf.layers.averagePooling1d, input, options)),
);

/**
 * The average over windows of rows and columns.
 *
 * `tf.layers.average_pooling2d` of TensorFlow 1, `tf.keras.layers.AveragePooling2D`. Padding does not
 * count in the average.
 *
 * @param input [batch, rows, columns, channels], float32; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`
 * @param options.poolSize rows and columns of the window: one number or two. Default: 2
 * @param options.strides one number or two. Default: `poolSize`
 * @param options.padding `'valid'`, or `'same'` for ⌈size / stride⌉. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @returns [batch, newRows, newColumns, channels], float32; channels first if the input is
 */
export const averagePooling2d = layerFunction(
  'averagePooling2d',
  (input: tf.Tensor, options: LayerOptions<'averagePooling2d'> = {}): tf.Tensor4D =>
    ofRank(4, applyLayer('average_pooling2d', tf.layers.averagePooling2d, input, options)),
);

/**
 * The average over windows of depth, rows and columns.
 *
 * `tf.layers.average_pooling3d` of TensorFlow 1, `tf.keras.layers.AveragePooling3D`. Padding does not
 * count in the average.
 *
 * @param input [batch, depth, rows, columns, channels], float32; [batch, channels, depth, rows,
 *   columns] with `dataFormat: 'channelsFirst'`
 * @param options.poolSize depth, rows and columns of the window: one number or three. Default: 2
 * @param options.strides one number or three. Default: `poolSize`
 * @param options.padding `'valid'`, or `'same'` for ⌈size / stride⌉. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @returns [batch, newDepth, newRows, newColumns, channels], float32; channels first if the input is
 */
export const averagePooling3d = layerFunction(
  'averagePooling3d',
  (input: tf.Tensor, options: LayerOptions<'averagePooling3d'> = {}): tf.Tensor5D =>
    ofRank(5, applyLayer('average_pooling3d', tf.layers.averagePooling3d, input, options)),
);

/**
 * The maximum over windows of time steps.
 *
 * `tf.layers.max_pooling1d` of TensorFlow 1, `tf.keras.layers.MaxPooling1D`. Only channels last.
 *
 * @param input [batch, steps, channels], float32
 * @param options.poolSize length of the window. Default: 2
 * @param options.strides default: `poolSize`
 * @param options.padding `'valid'`, or `'same'` for ⌈steps / strides⌉. Default: `'valid'`
 * @returns [batch, newSteps, channels], float32
 */
export const maxPooling1d = layerFunction(
  'maxPooling1d',
  (input: tf.Tensor, options: LayerOptions<'maxPooling1d'> = {}): tf.Tensor3D =>
    ofRank(3, applyLayer('max_pooling1d', tf.layers.maxPooling1d, input, options)),
);

/**
 * The maximum over windows of rows and columns.
 *
 * `tf.layers.max_pooling2d` of TensorFlow 1, `tf.keras.layers.MaxPooling2D`.
 *
 * @param input [batch, rows, columns, channels], float32; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`
 * @param options.poolSize rows and columns of the window: one number or two. Default: 2
 * @param options.strides one number or two. Default: `poolSize`
 * @param options.padding `'valid'`, or `'same'` for ⌈size / stride⌉. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @returns [batch, newRows, newColumns, channels], float32; channels first if the input is
 *
 * @example
 * const pooled = layers.maxPooling2d(conv, { poolSize: 2, strides: 2 });
 */
export const maxPooling2d = layerFunction(
  'maxPooling2d',
  (input: tf.Tensor, options: LayerOptions<'maxPooling2d'> = {}): tf.Tensor4D =>
    ofRank(4, applyLayer('max_pooling2d', tf.layers.maxPooling2d, input, options)),
);

/**
 * The maximum over windows of depth, rows and columns.
 *
 * `tf.layers.max_pooling3d` of TensorFlow 1, `tf.keras.layers.MaxPooling3D`.
 *
 * @param input [batch, depth, rows, columns, channels], float32; [batch, channels, depth, rows,
 *   columns] with `dataFormat: 'channelsFirst'`
 * @param options.poolSize depth, rows and columns of the window: one number or three. Default: 2
 * @param options.strides one number or three. Default: `poolSize`
 * @param options.padding `'valid'`, or `'same'` for ⌈size / stride⌉. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @returns [batch, newDepth, newRows, newColumns, channels], float32; channels first if the input is
 */
export const maxPooling3d = layerFunction(
  'maxPooling3d',
  (input: tf.Tensor, options: LayerOptions<'maxPooling3d'> = {}): tf.Tensor5D =>
    ofRank(5, applyLayer('max_pooling3d', tf.layers.maxPooling3d, input, options)),
);

/**
 * The average over all time steps.
 *
 * `tf.keras.layers.GlobalAveragePooling1D`, without `dataFormat` and `keepdims`.
 *
 * @param input [batch, steps, channels], float32
 * @param options.mask the steps to average, [batch, steps]. Default: the mask of the input. An example
 *   without any gives NaN, as in Keras
 * @returns [batch, channels], float32
 */
export const globalAveragePooling1d = layerFunction(
  'globalAveragePooling1d',
  (input: tf.Tensor, options: LayerOptions<'globalAveragePooling1d'> = {}): tf.Tensor2D =>
    ofRank(
      2,
      applyLayer('global_average_pooling1d', tf.layers.globalAveragePooling1d, input, options),
    ),
);

/**
 * The average over all rows and columns.
 *
 * `tf.keras.layers.GlobalAveragePooling2D`. Has no `keepdims`.
 *
 * @param input [batch, rows, columns, channels], float32; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`
 * @param options.dataFormat default: `'channelsLast'`
 * @returns [batch, channels], float32
 */
export const globalAveragePooling2d = layerFunction(
  'globalAveragePooling2d',
  (input: tf.Tensor, options: LayerOptions<'globalAveragePooling2d'> = {}): tf.Tensor2D =>
    ofRank(
      2,
      applyLayer('global_average_pooling2d', tf.layers.globalAveragePooling2d, input, options),
    ),
);

/**
 * The maximum over all time steps.
 *
 * `tf.keras.layers.GlobalMaxPooling1D`. Has no `dataFormat` and no `keepdims`.
 *
 * @param input [batch, steps, channels], float32
 * @returns [batch, channels], float32
 */
export const globalMaxPooling1d = layerFunction(
  'globalMaxPooling1d',
  (input: tf.Tensor, options: LayerOptions<'globalMaxPooling1d'> = {}): tf.Tensor2D =>
    ofRank(2, applyLayer('global_max_pooling1d', tf.layers.globalMaxPooling1d, input, options)),
);

/**
 * The maximum over all rows and columns.
 *
 * `tf.keras.layers.GlobalMaxPooling2D`. Has no `keepdims`.
 *
 * @param input [batch, rows, columns, channels], float32; [batch, channels, rows, columns] with
 *   `dataFormat: 'channelsFirst'`
 * @param options.dataFormat default: `'channelsLast'`
 * @returns [batch, channels], float32
 */
export const globalMaxPooling2d = layerFunction(
  'globalMaxPooling2d',
  (input: tf.Tensor, options: LayerOptions<'globalMaxPooling2d'> = {}): tf.Tensor2D =>
    ofRank(2, applyLayer('global_max_pooling2d', tf.layers.globalMaxPooling2d, input, options)),
);
