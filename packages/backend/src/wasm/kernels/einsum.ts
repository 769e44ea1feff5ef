import * as tf from '@tensorflow/tfjs';
import { parseEinsum } from '../../einsum-equation';
import { newKernel } from '../training-kernel';

interface Operand {
  readonly letters: readonly string[];
  readonly tensor: tf.Tensor;
}

/** Sums over the dimensions that neither the output nor the other operand has. */
const sumAlone = ({ letters, tensor }: Operand, others: readonly string[]): Operand => {
  const alone = letters.filter((letter) => !others.includes(letter));
  if (alone.length === 0) return { letters, tensor };
  return {
    letters: letters.filter((letter) => others.includes(letter)),
    tensor: tf.sum(
      tensor,
      alone.map((letter) => letters.indexOf(letter)),
    ),
  };
};

const arrange = ({ letters, tensor }: Operand, order: readonly string[]): tf.Tensor =>
  order.every((letter, index) => letters[index] === letter)
    ? tensor
    : tf.transpose(
        tensor,
        order.map((letter) => letters.indexOf(letter)),
      );

const sizes = ({ letters, tensor }: Operand, of: readonly string[]): number[] =>
  of.map((letter) => tensor.shape[letters.indexOf(letter)] ?? 1);

/** Two operands as one batch of matrix products. */
const contract = (a: Operand, b: Operand, output: readonly string[]): Operand => {
  const shared = a.letters.filter((letter) => b.letters.includes(letter));
  const batch = shared.filter((letter) => output.includes(letter));
  const inner = shared.filter((letter) => !output.includes(letter));
  const left = a.letters.filter((letter) => !shared.includes(letter));
  const right = b.letters.filter((letter) => !shared.includes(letter));
  const [batchSizes, leftSizes, rightSizes] = [sizes(a, batch), sizes(a, left), sizes(b, right)];
  const [count, rows, columns, depth] = [batchSizes, leftSizes, rightSizes, sizes(a, inner)].map(
    (dimensions) => tf.util.sizeFromShape(dimensions),
  ) as [number, number, number, number];
  const product = tf.matMul(
    tf.reshape(arrange(a, [...batch, ...left, ...inner]), [count, rows, depth]),
    tf.reshape(arrange(b, [...batch, ...inner, ...right]), [count, depth, columns]),
  );
  return {
    letters: [...batch, ...left, ...right],
    tensor: tf.reshape(product, [...batchSizes, ...leftSizes, ...rightSizes]),
  };
};

/**
 * Einsum of one or two operands: transposes and matrix products. tfjs's own way, on cpu, multiplies
 * out every combination of indices before it adds.
 *
 * Inputs: a list of one or two tensors, float32.
 */
export const einsum = newKernel<tf.Tensor[], tf.EinsumAttrs>(
  tf.Einsum,
  ({ inputs, attrs: { equation } }) =>
    tf.tidy(() => {
      const { operands, output } = parseEinsum(equation, inputs);
      const summed = inputs.map((tensor, index) => {
        const others = operands.filter((_, other) => other !== index).flat();
        return sumAlone({ letters: operands[index] ?? [], tensor }, [...others, ...output]);
      });
      const [a, b] = summed as [Operand, Operand?];
      // A clone: the kernel's result must not be its input.
      return tf.clone(arrange(b === undefined ? a : contract(a, b, output), output));
    }),
);
