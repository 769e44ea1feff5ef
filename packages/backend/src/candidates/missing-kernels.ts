import * as tf from '@tensorflow/tfjs';
import { runOnCpu, type TensorBackend } from '../run-on-cpu';

/** Draws on a canvas of a browser. */
const withoutUse: readonly string[] = [tf.Draw];

/**
 * Registers the kernels that tfjs-node lacks, such as DenseBincount, StringSplit and Transform. They run
 * on the cpu backend. Repeated calls have no effect.
 */
export const registerMissingKernels = (backendName: string): void => {
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (withoutUse.includes(kernelName) || tf.getKernel(kernelName, backendName)) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) =>
        runOnCpu(kernelName, backend as unknown as TensorBackend, inputs as never, attrs),
    });
  }
};
