import { checkedFunction, optional, required } from '@elistimator/internal';
import type * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { currentModelCall } from '../scope/model-call';
import { maskFits } from '../scope/tensor-masks';
import { tensorInput } from './layer-arguments';

/**
 * The mask of a tensor: which of its time steps count. `layers.embedding({ maskZero: true })` and
 * `layers.masking` make one, most layers pass it on to their output, and recurrent layers, pooling over
 * time, attention and metrics use it. Operations such as `tf.add` lose it, as in Keras.
 *
 * `keras.src.backend.get_keras_mask` in Keras 3.
 *
 * @param tensor the output of a layer, or any other tensor of the model function
 * @returns [batch, time] and dtype bool; undefined if every time step counts. It is freed after the call
 *   of the model function
 * @throws OutsideModelFnError outside of a model function
 *
 * @example
 * // The mean loss over the words that are not padding.
 * const perWord = tf.losses.softmaxCrossEntropy(labels, logits, undefined, 0, tf.Reduction.NONE);
 * const loss = tf.losses.computeWeightedLoss(perWord, layers.getMask(logits)?.toFloat());
 */
export const getMask = checkedFunction(
  'layers.getMask()',
  { tensor: required(tensorInput) },
  (tensor: tf.Tensor): tf.Tensor | undefined =>
    currentModelCall('layers.getMask()').masks.get(tensor),
);

/**
 * Gives a tensor a mask for the layers and metrics that follow. Use it for padding that is not marked by
 * a value, or after an operation that loses the mask.
 *
 * `keras.src.backend.set_keras_mask` in Keras 3.
 *
 * @param tensor any tensor of the model function, such as a feature
 * @param mask true or nonzero for each time step that counts, of a shape that equals the leading
 *   dimensions of the tensor, usually [batch, time]; undefined to remove the mask
 * @returns the tensor
 * @throws ModelFnError when the mask does not fit the tensor
 * @throws OutsideModelFnError outside of a model function
 *
 * @example
 * const scaled = layers.setMask(tf.mul(words, 2), layers.getMask(words));
 */
export const setMask = checkedFunction(
  'layers.setMask()',
  { tensor: required(tensorInput), mask: optional(tensorInput) },
  <T extends tf.Tensor>(tensor: T, mask: tf.Tensor | undefined): T => {
    const { masks } = currentModelCall('layers.setMask()');
    if (mask !== undefined && !maskFits(mask, tensor)) {
      throw new ModelFnError({
        subject: 'mask of layers.setMask()',
        expected: `a shape that equals the leading dimensions of the tensor, [${tensor.shape}]`,
        actual: `[${mask.shape}]`,
        fix: 'Pass one value for each time step, of shape [batch, time].',
      });
    }
    masks.set(tensor, mask);
    return tensor;
  },
);
