import * as tf from '@tensorflow/tfjs';
import { runOnCpu } from '../../run-on-cpu';
import { newKernel, type TrainingKernel } from '../define-kernel';

const onCpu = (kernelName: string): TrainingKernel =>
  newKernel<Readonly<Record<string, tf.TensorInfo>>, tf.NamedAttrMap>(
    kernelName,
    ({ inputs, attrs, backend }) => runOnCpu(kernelName, backend, inputs, attrs),
  );

/** Kernels for complex numbers, strings and ragged tensors that stock wasm lacks. */
export const cpuOnlyKernels: readonly TrainingKernel[] = [
  tf.Complex,
  tf.ComplexAbs,
  tf.FFT,
  tf.IFFT,
  tf.Imag,
  tf.RaggedGather,
  tf.RaggedRange,
  tf.RaggedTensorToTensor,
  tf.Real,
  tf.StaticRegexReplace,
].map(onCpu);
