import * as tf from '@tensorflow/tfjs';

/** An einsum equation taken apart: one letter a dimension. */
export interface EinsumEquation {
  /** The letters of each operand. */
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * Takes `ij,jk->ik` apart and checks it against its operands.
 *
 * @throws Error, tfjs's own, for what `tf.einsum` does not know either: an ellipsis, a letter twice
 *   in one operand, more than two operands, sizes that differ.
 */
export const parseEinsum = (equation: string, tensors: readonly tf.Tensor[]): EinsumEquation => {
  const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, tensors.length);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, [...tensors]);
  const [inputs = '', output = ''] = equation.replaceAll(/\s/g, '').split('->');
  return { operands: inputs.split(',').map((letters) => [...letters]), output: [...output] };
};
