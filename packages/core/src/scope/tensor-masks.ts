import * as tf from '@tensorflow/tfjs';

/**
 * Computes a tensor that gradients don't follow. tfjs would ask for those of comparisons and logical
 * operations, which have none.
 */
export const withoutGradient = (fn: () => tf.Tensor): tf.Tensor =>
  tf.customGrad(() => ({ value: fn(), gradFunc: () => [] }))();

/**
 * The masks of the tensors of one call of a model function, which Keras keeps in the tensors themselves.
 * They are kept out of the reach of `tf.tidy` in the model function, and freed with the call.
 */
export class TensorMasks {
  readonly #masks = new WeakMap<tf.Tensor, tf.Tensor>();
  readonly #owned = new Set<tf.Tensor>();

  get(tensor: tf.Tensor): tf.Tensor | undefined {
    return this.#masks.get(tensor);
  }

  /** @param mask is copied, unless it is the mask of another tensor; undefined for none */
  set(tensor: tf.Tensor, mask: tf.Tensor | undefined): void {
    if (mask === undefined) this.#masks.delete(tensor);
    else this.#masks.set(tensor, this.#own(mask));
  }

  #own(mask: tf.Tensor): tf.Tensor {
    if (this.#owned.has(mask)) return mask;
    const owned = tf.keep(toMask(mask));
    this.#owned.add(owned);
    return owned;
  }

  dispose(): void {
    tf.dispose([...this.#owned]);
    this.#owned.clear();
  }
}

/** A copy of a mask, as bool and without gradients. */
export const toMask = (mask: tf.Tensor): tf.Tensor =>
  withoutGradient(() => (mask.dtype === 'bool' ? mask.clone() : tf.cast(mask, 'bool')));

/** Whether the mask has one value for each element of the tensor's leading dimensions. */
export const maskFits = (mask: tf.Tensor, { shape }: tf.Tensor): boolean =>
  mask.rank > 0 &&
  mask.rank <= shape.length &&
  mask.shape.every((size, axis) => size === shape[axis]);
