import * as tf from '@tensorflow/tfjs';

/** A parsed einsum equation, with one letter per dimension. */
export interface EinsumEquation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * Parses an equation such as `ij,jk->ik` and checks it against its operands.
 *
 * @throws Error from tfjs for whatever `tf.einsum` rejects: an ellipsis, a repeated letter in one
 *   operand, more than two operands, or dimensions of different size.
 */
export const parseEinsum = (equation: string, tensors: readonly tf.Tensor[]): EinsumEquation => {
  const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, tensors.length);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, [...tensors]);
  const [inputs = '', output = ''] = equation.replaceAll(/\s/g, '').split('->');
  return { operands: inputs.split(',').map((letters) => [...letters]), output: [...output] };
};

/**
 * The gradient with respect to one operand: an einsum of dy and the other operand, with this
 * operand's letters as output. A letter that only this operand has was summed over, so its gradient
 * is broadcast.
 */
const operandGradient = (
  dy: tf.Tensor,
  tensors: readonly tf.Tensor[],
  letters: readonly (readonly string[])[],
  output: readonly string[],
  index: number,
): tf.Tensor => {
  const operandLetters = letters[index] ?? [];
  const others = tensors.filter((_, other) => other !== index);
  const otherLetters = letters.filter((_, other) => other !== index);
  const available = new Set([...output, ...otherLetters.flat()]);
  const result = operandLetters.filter((letter) => available.has(letter));
  const equation = `${[output, ...otherLetters].map((word) => word.join('')).join(',')}->${result.join('')}`;
  const gradient = tf.einsum(equation, dy, ...others);
  const shape = tensors[index]?.shape ?? [];
  const broadcastable = shape.map((size, axis) =>
    available.has(operandLetters[axis] ?? '') ? size : 1,
  );
  return tf.broadcastTo(tf.reshape(gradient, broadcastable), shape);
};

/** The gradient of `tf.einsum`, which tfjs lacks. Works on any backend. */
export const einsumGradient: tf.GradConfig = {
  kernelName: tf.Einsum,
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const { equation } = attrs as unknown as tf.EinsumAttrs;
    const { operands, output } = parseEinsum(equation, saved);
    return Object.fromEntries(
      saved.map((_, index) => [
        index,
        () => operandGradient(dy as tf.Tensor, saved, operands, output, index),
      ]),
    );
  },
};
