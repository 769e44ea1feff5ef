import * as tf from '@tensorflow/tfjs';
import { parseEinsum } from '../einsum-equation';

/**
 * The gradient with respect to one operand: the einsum of dy and the other operand that leaves this
 * operand's letters. A letter that only this operand has was summed over, so each of its places
 * gets the same.
 */
const gradientOf = (
  dy: tf.Tensor,
  tensors: readonly tf.Tensor[],
  letters: readonly (readonly string[])[],
  output: readonly string[],
  index: number,
): tf.Tensor => {
  const mine = letters[index] ?? [];
  const others = tensors.filter((_, other) => other !== index);
  const otherLetters = letters.filter((_, other) => other !== index);
  const known = new Set([...output, ...otherLetters.flat()]);
  const reached = mine.filter((letter) => known.has(letter));
  const equation = `${[output, ...otherLetters].map((word) => word.join('')).join(',')}->${reached.join('')}`;
  const gradient = tf.einsum(equation, dy, ...others);
  const shape = tensors[index]?.shape ?? [];
  const spread = shape.map((size, place) => (known.has(mine[place] ?? '') ? size : 1));
  return tf.broadcastTo(tf.reshape(gradient, spread), shape);
};

/** The gradient of `tf.einsum`, which tfjs has none of, on any backend. */
export const einsumGradient: tf.GradConfig = {
  kernelName: tf.Einsum,
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const { equation } = attrs as unknown as tf.EinsumAttrs;
    const { operands, output } = parseEinsum(equation, saved);
    return Object.fromEntries(
      saved.map((_, index) => [
        index,
        () => gradientOf(dy as tf.Tensor, saved, operands, output, index),
      ]),
    );
  },
};
