import * as tf from '@tensorflow/tfjs';
import { runOnCpu } from '../../run-on-cpu';
import { integerElements } from '../../tfjs-internals';
import { improvedKernel, type TrainingKernel } from '../define-kernel';

interface Operands {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
}

/**
 * A division of int32. Stock traps, or returns the least integer, for a divisor of 0, and traps if the
 * least integer is divided by -1. These cases run on cpu, which returns 0 for a divisor of 0.
 */
const safeDivision = (kernelName: string): TrainingKernel =>
  improvedKernel<Operands, tf.NamedAttrMap>(kernelName, (stock) => (call) => {
    const { inputs, attrs, backend } = call;
    if (inputs.a.dtype !== 'int32' || inputs.b.dtype !== 'int32') return stock(call);
    const isSafe = integerElements(backend, inputs.b).every(
      (divisor) => divisor !== 0 && divisor !== -1,
    );
    return isSafe ? stock(call) : runOnCpu(kernelName, backend, { ...inputs }, attrs);
  });

/** FloorDiv, Mod and RealDiv, of any number or of integers. */
export const divisions: readonly TrainingKernel[] = [tf.FloorDiv, tf.Mod, tf.RealDiv].map(
  safeDivision,
);
