import * as tf from '@tensorflow/tfjs';
import { applyLayer } from './apply-layer';
import { layerFunction } from './layer-arguments';
import { type LayerOptions, ofRankOf } from './layer-types';

/**
 * A fully connected layer: `activation(input · kernel + bias)` over the last dimension.
 *
 * `tf.layers.dense` of TensorFlow 1, `tf.keras.layers.Dense`.
 *
 * Variables: `dense/kernel` [channels, units], `dense/bias` [units].
 *
 * @param input [batch, …, channels], float32, of rank 2 or more
 * @param options.units size of the last dimension of the output
 * @param options.activation default: none
 * @param options.useBias default: true
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.biasInitializer default: `'zeros'`
 * @param options.kernelRegularizer added to the training loss; so is `biasRegularizer`. Default: none
 * @param options.kernelConstraint applied after each training step; so is `biasConstraint`. Default:
 *   none
 * @param options.trainable whether the optimizer updates the variables. Default: true
 * @returns [batch, …, units], float32
 *
 * @example
 * const hidden = layers.dense(features, { units: 128, activation: 'relu' });
 * const logits = layers.dense(hidden, { units: 10, name: 'logits' });
 */
export const dense = layerFunction(
  'dense',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'dense'>): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('dense', tf.layers.dense, input, options)),
);

/**
 * Looks up a trainable vector for each integer.
 *
 * `tf.keras.layers.Embedding`; TensorFlow 1 has only `tf.nn.embedding_lookup`.
 *
 * Variables: `embedding/embeddings` [inputDim, outputDim].
 *
 * @param input [batch, …], integers from 0 to `inputDim − 1`; cast to int32
 * @param options.inputDim number of vectors
 * @param options.outputDim size of each vector
 * @param options.embeddingsInitializer default: `'randomUniform'`, from −0.05 to 0.05
 * @param options.maskZero the integer 0 is padding: the output has a mask, and later layers skip these
 *   steps. Default: false
 * @param options.inputLength required sizes of the dimensions after the batch. Default: any
 * @returns [batch, …, outputDim], float32
 */
export const embedding = layerFunction(
  'embedding',
  (input: tf.Tensor, options: LayerOptions<'embedding'>): tf.Tensor =>
    applyLayer('embedding', tf.layers.embedding, input, options),
);
