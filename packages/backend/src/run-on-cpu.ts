import * as tf from '@tensorflow/tfjs';
import { type CpuBackend, cpuBackend, cpuKernel, splitComplex } from './tfjs-internals';

/** The backend of the inputs and results. */
export interface TensorBackend {
  readSync(dataId: object): tf.backend_util.BackendValues;
  write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object;
}

/** A kernel's inputs: some kernels take arrays of tensors. */
type Inputs = tf.TensorInfo | readonly Inputs[] | { readonly [name: string]: Inputs | undefined };

const isTensorInfo = (value: Inputs): value is tf.TensorInfo => 'dataId' in value;

const toCpu = (
  backend: TensorBackend,
  cpu: CpuBackend,
  { dataId, shape, dtype }: tf.TensorInfo,
): tf.TensorInfo => {
  const values = backend.readSync(dataId);
  if (dtype !== 'complex64') return cpu.makeTensorInfo(shape, dtype, values);
  const { real, imag } = splitComplex(cpu, values as Float32Array, shape);
  const created = cpuKernel(tf.Complex)({ inputs: { real, imag }, backend: cpu });
  cpu.disposeIntermediateTensorInfo(real);
  cpu.disposeIntermediateTensorInfo(imag);
  return created as tf.TensorInfo;
};

const fromCpu = (
  backend: TensorBackend,
  cpu: CpuBackend,
  { dataId, shape, dtype }: tf.TensorInfo,
): tf.TensorInfo => {
  const values = cpu.readSync(dataId);
  const typed =
    dtype === 'string' || dtype === 'complex64'
      ? values
      : tf.util.toTypedArray(values as Float32Array, dtype);
  const written = backend.write(typed as tf.backend_util.BackendValues, shape, dtype);
  return { dataId: written, shape, dtype };
};

/**
 * Runs a kernel of tfjs's cpu backend on tensors of another backend. Inputs and results are copied.
 */
export const runOnCpu = (
  kernelName: string,
  backend: TensorBackend,
  inputs: Inputs,
  attrs: tf.NamedAttrMap | undefined,
): tf.TensorInfo | tf.TensorInfo[] => {
  const cpu = cpuBackend();
  const copies: tf.TensorInfo[] = [];
  const copy = (value: Inputs): object => {
    if (isTensorInfo(value)) {
      const tensor = toCpu(backend, cpu, value);
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
    const read = results.map((result) => fromCpu(backend, cpu, result));
    for (const result of results) cpu.disposeIntermediateTensorInfo(result);
    const [first] = read;
    return Array.isArray(output) || first === undefined ? read : first;
  } finally {
    for (const tensor of copies) cpu.disposeIntermediateTensorInfo(tensor);
  }
};
