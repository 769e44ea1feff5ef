import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type GuardedMemory, guardMemory } from './guarded-memory';
import { type Dtype, type KernelCase, makeDataOf } from './kernel-case';

/** A tensor, read back. */
interface Read {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly (number | string)[];
}

export type Outcome =
  | { readonly results: readonly Read[] }
  | { readonly error: string }
  /** Memory outside of the result was changed, or the result depends on such memory. */
  | { readonly corrupt: string };

const read = (tensor: tf.Tensor): Read => ({
  shape: tensor.shape,
  dtype: tensor.dtype,
  values: [...tensor.dataSync<'float32' | 'string'>()].map((value) =>
    // Any number but 0 is true.
    tensor.dtype === 'bool' ? Number(Number(value) !== 0) : value,
  ),
});

const call = ({ kernel, inputs, attrs = {} }: KernelCase, dtype: Dtype): Outcome => {
  try {
    let results: readonly Read[] = [];
    tf.tidy(() => {
      const tensors = inputs(makeDataOf(dtype));
      const attributes = typeof attrs === 'function' ? attrs(dtype) : attrs;
      const output: tf.Tensor | tf.Tensor[] = tf
        .engine()
        .runKernel(kernel, tensors as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
      results = [output].flat().map(read);
    });
    return { results };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
};

/** Runs a case on cpu. Complex data is created there too. */
export const runOnCpu = async (kernelCase: KernelCase, dtype: Dtype): Promise<Outcome> => {
  await tf.setBackend('cpu');
  return call(kernelCase, dtype);
};

let memory: GuardedMemory | undefined;

/** Runs a case on wasm twice, with different surroundings of its tensors. */
export const runOnWasm = async (kernelCase: KernelCase, dtype: Dtype): Promise<Outcome> => {
  await tf.setBackend('wasm');
  memory ??= guardMemory(tf.backend() as BackendWasm);
  memory.fillWith(0x3f);
  const first = call(kernelCase, dtype);
  const written = memory.repair();
  memory.fillWith(0xc1);
  const second = call(kernelCase, dtype);
  if (written + memory.repair() > 0) return { corrupt: 'writes out of bounds' };
  if (JSON.stringify(first) !== JSON.stringify(second)) {
    return { corrupt: 'reads out of bounds, or leaves the result unset' };
  }
  return first;
};

const isClose = (a: number | string, b: number | string): boolean => {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a === b;
  return Math.abs(a - b) <= 2e-4 * Math.max(1, Math.abs(a), Math.abs(b));
};

const isSameRead = (a: Read, b: Read | undefined): boolean =>
  b !== undefined &&
  a.dtype === b.dtype &&
  a.shape.join() === b.shape.join() &&
  a.values.length === b.values.length &&
  a.values.every((value, index) => isClose(value, b.values[index] ?? ''));

/** Tells whether two runs have the same results. */
export const isSame = (a: Outcome, b: Outcome): boolean =>
  'results' in a &&
  'results' in b &&
  a.results.length === b.results.length &&
  a.results.every((result, index) => isSameRead(result, b.results[index]));
