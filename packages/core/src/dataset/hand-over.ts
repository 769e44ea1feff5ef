import * as tf from '@tensorflow/tfjs';
import { type Element, isTensor } from './element';
import { DatasetError } from './errors';

/** A number that is greater than the id of every tensor that exists, and at most that of each later one. */
export const nextTensorId = (): number => {
  const tensor = tf.scalar(0);
  tensor.dispose();
  return tensor.id + 1;
};

/** Whether a tensor stays with whoever created it: a variable, or one that was passed to `tf.keep()`. */
export const isKept = (tensor: tf.Tensor): boolean => tensor.kept || tensor instanceof tf.Variable;

const HAND_OVER_FIX =
  'A tensor that is handed over is disposed once an element without it follows. To use it longer, pass it to tf.keep(), create it before the function is called, or hand over a clone().';

/** The tensors in a dictionary or tuple. */
export const tensorsIn = (container: unknown): readonly tf.Tensor[] => {
  if (typeof container !== 'object' || container === null) return [];
  return isTensor(container) ? [container] : Object.values(container).filter(isTensor);
};

/**
 * The tensors that a user's function hands over, element by element.
 *
 * Elements get aliases of them, so that a tensor may be a member of several elements. The tensors
 * themselves are disposed when the next element does not contain them, so that the function can hand a
 * tensor over again.
 */
export class HandOver {
  readonly #isOwned: (tensor: tf.Tensor) => boolean;
  #last: ReadonlySet<tf.Tensor> = new Set();
  /** Tensors created before the first element, such as the constants of a generator. */
  readonly #constants = new Set<tf.Tensor>();
  readonly #keepsConstants: boolean;
  #firstId: number | undefined;

  /**
   * @param isOwned whether a tensor is taken over, and not only lent
   * @param options.keepsConstants whether to keep what was created before the first element until the end
   */
  constructor(isOwned: (tensor: tf.Tensor) => boolean, { keepsConstants = false } = {}) {
    this.#isOwned = isOwned;
    this.#keepsConstants = keepsConstants;
  }

  /** Takes over the tensors of the next element, and disposes those of the one before. */
  receive(tensors: readonly tf.Tensor[]): void {
    if (tensors.length === 0 && this.#last.size === 0) return;
    if (this.#keepsConstants) this.#firstId ??= nextTensorId();
    const received = new Set<tf.Tensor>();
    for (const tensor of tensors) {
      if (this.#constants.has(tensor) || isKept(tensor)) continue;
      if (!this.#last.has(tensor) && !this.#isOwned(tensor)) continue;
      const isConstant = this.#firstId !== undefined && tensor.id < this.#firstId;
      (isConstant ? this.#constants : received).add(tensor);
    }
    for (const tensor of this.#last) if (!received.has(tensor)) tensor.dispose();
    this.#last = received;
  }

  /** Disposes everything that is still held. */
  close(): void {
    tf.dispose([...this.#last, ...this.#constants]);
    this.#last = new Set();
    this.#constants.clear();
  }
}

/**
 * The element with an alias in place of each tensor, which shares its data and can be disposed on its own.
 *
 * @param subject what the element is, for messages
 * @param noun what a member is called in messages
 * @throws DatasetError that names the member that was disposed
 */
export const aliasedElement = (element: Element, subject: string, noun = 'member'): Element => {
  const { layout, members } = element;
  members.forEach((member, position) => {
    if (isDisposed(member)) throw disposedError(`${subject}, ${noun} "${layout.keys[position]}"`);
  });
  return {
    layout,
    // reshape() shares data on every backend; clone() copies it on wasm.
    members: members.map((member) =>
      isTensor(member) ? tf.reshape(member, member.shape) : member,
    ),
  };
};

/** Whether a value is a tensor that was disposed. */
export const isDisposed = (value: unknown): boolean => isTensor(value) && value.isDisposed;

/** @param subject what the tensor is, for messages */
export const disposedError = (subject: string, fix = HAND_OVER_FIX): DatasetError =>
  new DatasetError({
    subject,
    expected: 'a tensor in use',
    actual: 'a tensor that was disposed',
    fix,
  });
