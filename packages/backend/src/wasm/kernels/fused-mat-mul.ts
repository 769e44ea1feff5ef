import * as tf from '@tensorflow/tfjs';
import { noteMultiplied, rightOperand } from '../right-operand';
import { asTensor, runKernel } from '../tensors';
import { improvedKernel } from '../training-kernel';
import { activate } from './activate';

interface Inputs {
  readonly a: tf.Tensor3D;
  readonly b: tf.Tensor3D;
  readonly bias?: tf.Tensor;
  readonly preluActivationWeights?: tf.Tensor;
}

/**
 * _FusedMatMul. Stock gives wrong numbers for a transposed operand or for several matrices: its
 * plain loop adds the bias and clamps once for every 48 elements of the inner dimension. Those cases
 * run as product, sum and activation.
 *
 * Inputs: a [batch, m, k] or transposed, b [batch, k, n] or transposed, bias [n], all float32.
 */
export const fusedMatMul = improvedKernel<Inputs, tf._FusedMatMulAttrs>(
  tf._FusedMatMul,
  (stock) =>
    ({ inputs, attrs, backend }) =>
      tf.tidy(() => {
        const { a, b, bias, preluActivationWeights } = inputs;
        const { transposeA, transposeB, activation, leakyreluAlpha } = attrs;
        if (!transposeA && !transposeB && a.shape[0] === 1 && b.shape[0] === 1) {
          const safe = rightOperand(backend, b);
          noteMultiplied(safe);
          return asTensor(stock({ inputs: { ...inputs, b: safe }, attrs, backend }));
        }
        const product = runKernel(tf.BatchMatMul, { a, b }, { transposeA, transposeB });
        const sum = bias === undefined ? product : tf.add(product, bias);
        return activate(sum, activation, preluActivationWeights, leakyreluAlpha);
      }),
);
