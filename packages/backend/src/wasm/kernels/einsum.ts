import * as tf from '@tensorflow/tfjs';
import { parseEinsum } from '../../gradients/einsum';
import { newKernel } from '../define-kernel';

interface Operand {
  readonly letters: readonly string[];
  readonly tensor: tf.Tensor;
}

/** Sums over the dimensions whose letters don't occur elsewhere. */
const sumUnshared = ({ letters, tensor }: Operand, others: readonly string[]): Operand => {
  const unshared = letters.filter((letter) => !others.includes(letter));
  if (unshared.length === 0) return { letters, tensor };
  return {
    letters: letters.filter((letter) => others.includes(letter)),
    tensor: tf.sum(
      tensor,
      unshared.map((letter) => letters.indexOf(letter)),
    ),
  };
};

const transposeTo = ({ letters, tensor }: Operand, order: readonly string[]): tf.Tensor =>
  order.every((letter, index) => letters[index] === letter)
    ? tensor
    : tf.transpose(
        tensor,
        order.map((letter) => letters.indexOf(letter)),
      );

const sizesOf = ({ letters, tensor }: Operand, selected: readonly string[]): number[] =>
  selected.map((letter) => tensor.shape[letters.indexOf(letter)] ?? 1);

const contract = (a: Operand, b: Operand, output: readonly string[]): Operand => {
  const shared = a.letters.filter((letter) => b.letters.includes(letter));
  const batch = shared.filter((letter) => output.includes(letter));
  const inner = shared.filter((letter) => !output.includes(letter));
  const left = a.letters.filter((letter) => !shared.includes(letter));
  const right = b.letters.filter((letter) => !shared.includes(letter));
  const [batchSizes, leftSizes, rightSizes] = [
    sizesOf(a, batch),
    sizesOf(a, left),
    sizesOf(b, right),
  ];
  const [count, rows, columns, depth] = [batchSizes, leftSizes, rightSizes, sizesOf(a, inner)].map(
    (dimensions) => tf.util.sizeFromShape(dimensions),
  ) as [number, number, number, number];
  const product = tf.matMul(
    tf.reshape(transposeTo(a, [...batch, ...left, ...inner]), [count, rows, depth]),
    tf.reshape(transposeTo(b, [...batch, ...inner, ...right]), [count, depth, columns]),
  );
  return {
    letters: [...batch, ...left, ...right],
    tensor: tf.reshape(product, [...batchSizes, ...leftSizes, ...rightSizes]),
  };
};

/**
 * Einsum of one or two operands, computed by transposes and matrix products. tfjs's cpu kernel
 * computes the product for every combination of indices before it sums.
 *
 * Inputs: an array of one or two tensors, float32.
 */
export const einsum = newKernel<tf.Tensor[], tf.EinsumAttrs>(
  tf.Einsum,
  ({ inputs, attrs: { equation } }) =>
    tf.tidy(() => {
      const { operands, output } = parseEinsum(equation, inputs);
      const summed = inputs.map((tensor, index) => {
        const others = operands.filter((_, other) => other !== index).flat();
        return sumUnshared({ letters: operands[index] ?? [], tensor }, [...others, ...output]);
      });
      const [a, b] = summed as [Operand, Operand?];
      // Clone, because a kernel must not return its input.
      return tf.clone(transposeTo(b === undefined ? a : contract(a, b, output), output));
    }),
);
