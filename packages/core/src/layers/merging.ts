import * as tf from '@tensorflow/tfjs';
import { applyLayer } from './apply-layer';
import { layerFunction } from './layer-arguments';
import type { LayerOptions } from './layer-types';

/**
 * The sum of several tensors. If each has a mask, the output has theirs, joined by "or".
 *
 * `tf.keras.layers.Add`. Dimensions of 1 are broadcast; tensors of fewer dimensions get dimensions of 1
 * after the batch.
 *
 * @param input two or more tensors [batch, …], float32
 * @returns the broadcast shape, float32
 *
 * @example
 * const residual = layers.add([input, layers.dense(input, { units: 64 })]);
 */
export const add = layerFunction(
  'add',
  (input: tf.Tensor[], options: LayerOptions<'add'> = {}): tf.Tensor =>
    applyLayer('add', tf.layers.add, input, options),
);

/**
 * The average of several tensors. If each has a mask, the output has theirs, joined by "or".
 *
 * `tf.keras.layers.Average`. Dimensions of 1 are broadcast; tensors of fewer dimensions get dimensions
 * of 1 after the batch.
 *
 * @param input two or more tensors [batch, …], float32
 * @returns the broadcast shape, float32
 */
export const average = layerFunction(
  'average',
  (input: tf.Tensor[], options: LayerOptions<'average'> = {}): tf.Tensor =>
    applyLayer('average', tf.layers.average, input, options),
);

/**
 * Joins several tensors along an axis, and their masks: along the last axis by "or".
 *
 * `tf.keras.layers.Concatenate`. `tf.concat` does the same.
 *
 * @param input two or more tensors [batch, …] of one dtype, whose shapes are equal except along `axis`
 * @param options.axis default: −1
 * @returns the joined tensor, of the same rank and dtype
 */
export const concatenate = layerFunction(
  'concatenate',
  (input: tf.Tensor[], options: LayerOptions<'concatenate'> = {}): tf.Tensor =>
    applyLayer('concatenate', tf.layers.concatenate, input, options),
);

/**
 * The dot product of two tensors, for each example.
 *
 * `tf.keras.layers.Dot`. tfjs-layers supports ranks 2 and 3 only.
 *
 * @param input two tensors [batch, …] of rank 2 or 3, float32
 * @param options.axes the axis to sum over, or one for each tensor, where 0 is the batch:
 *   `axes: [2, 1]` multiplies [batch, a, b] by [batch, b, c]
 * @param options.normalize divide by the L2 norms first, for the cosine similarity. Default: false
 * @returns the dimensions that are not summed, float32; [batch, 1] for two vectors
 */
export const dot = layerFunction(
  'dot',
  (input: tf.Tensor[], options: LayerOptions<'dot'>): tf.Tensor =>
    applyLayer('dot', tf.layers.dot, input, options),
);

/**
 * The element-wise maximum of several tensors, over those that their masks don't leave out.
 *
 * `tf.keras.layers.Maximum`. Dimensions of 1 are broadcast; tensors of fewer dimensions get dimensions
 * of 1 after the batch.
 *
 * @param input two or more tensors [batch, …], float32
 * @returns the broadcast shape, float32
 */
export const maximum = layerFunction(
  'maximum',
  (input: tf.Tensor[], options: LayerOptions<'maximum'> = {}): tf.Tensor =>
    applyLayer('maximum', tf.layers.maximum, input, options),
);

/**
 * The element-wise minimum of several tensors, over those that their masks don't leave out.
 *
 * `tf.keras.layers.Minimum`. Dimensions of 1 are broadcast; tensors of fewer dimensions get dimensions
 * of 1 after the batch.
 *
 * @param input two or more tensors [batch, …], float32
 * @returns the broadcast shape, float32
 */
export const minimum = layerFunction(
  'minimum',
  (input: tf.Tensor[], options: LayerOptions<'minimum'> = {}): tf.Tensor =>
    applyLayer('minimum', tf.layers.minimum, input, options),
);

/**
 * The element-wise product of several tensors. What their masks leave out counts as 1.
 *
 * `tf.keras.layers.Multiply`. Dimensions of 1 are broadcast; tensors of fewer dimensions get dimensions
 * of 1 after the batch.
 *
 * @param input two or more tensors [batch, …], float32
 * @returns the broadcast shape, float32
 */
export const multiply = layerFunction(
  'multiply',
  (input: tf.Tensor[], options: LayerOptions<'multiply'> = {}): tf.Tensor =>
    applyLayer('multiply', tf.layers.multiply, input, options),
);
