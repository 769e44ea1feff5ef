import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type CpuBackend, cpuBackend, cpuKernel, splitComplex } from '../../tfjs-internals';

/** A kernel's inputs: some kernels take arrays of tensors. */
type Inputs = tf.TensorInfo | readonly Inputs[] | { readonly [name: string]: Inputs | undefined };

const isTensorInfo = (value: Inputs): value is tf.TensorInfo => 'dataId' in value;

const toCpu = (
  wasm: BackendWasm,
  cpu: CpuBackend,
  { dataId, shape, dtype }: tf.TensorInfo,
): tf.TensorInfo => {
  const values = wasm.readSync(dataId);
  if (dtype !== 'complex64') return cpu.makeTensorInfo(shape, dtype, values);
  const { real, imag } = splitComplex(cpu, values as Float32Array, shape);
  const created = cpuKernel(tf.Complex)({ inputs: { real, imag }, backend: cpu });
  cpu.disposeIntermediateTensorInfo(real);
  cpu.disposeIntermediateTensorInfo(imag);
  return created as tf.TensorInfo;
};

const fromCpu = (
  wasm: BackendWasm,
  cpu: CpuBackend,
  { dataId, shape, dtype }: tf.TensorInfo,
): tf.TensorInfo => {
  const values = cpu.readSync(dataId);
  const typed =
    dtype === 'string' || dtype === 'complex64'
      ? values
      : tf.util.toTypedArray(values as Float32Array, dtype);
  return wasm.makeOutput(shape, dtype, undefined, typed as tf.backend_util.BackendValues);
};

/**
 * Runs a kernel of tfjs's cpu backend on tensors of the wasm backend. Inputs and results are copied.
 */
export const runOnCpu = (
  kernelName: string,
  wasm: BackendWasm,
  inputs: Inputs,
  attrs: tf.NamedAttrMap | undefined,
): tf.TensorInfo | tf.TensorInfo[] => {
  const cpu = cpuBackend();
  const copies: tf.TensorInfo[] = [];
  const copy = (value: Inputs): object => {
    if (isTensorInfo(value)) {
      const tensor = toCpu(wasm, cpu, value);
      copies.push(tensor);
      // Some kernels read the rank, which only tensors have.
      return { ...tensor, rank: tensor.shape.length };
    }
    if (Array.isArray(value)) return value.map(copy);
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, input]: [string, Inputs | undefined]) =>
        input === undefined || input === null ? [] : [[name, copy(input)]],
      ),
    );
  };
  try {
    const output = cpuKernel(kernelName)({ inputs: copy(inputs), attrs, backend: cpu });
    const results = [output].flat();
    const read = results.map((result) => fromCpu(wasm, cpu, result));
    for (const result of results) cpu.disposeIntermediateTensorInfo(result);
    const [first] = read;
    return Array.isArray(output) || first === undefined ? read : first;
  } finally {
    for (const tensor of copies) cpu.disposeIntermediateTensorInfo(tensor);
  }
};
