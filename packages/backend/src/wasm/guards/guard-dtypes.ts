import { ExplainedTypeError, listNames } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { runOnCpu } from '../../run-on-cpu';
import { asTensor } from '../../tfjs-internals';
import type { DtypeRule } from './dtype-rules';

type Inputs = Readonly<Record<string, tf.TensorInfo | undefined>>;

/** A kernel with a wasm backend: tfjs's own type has any backend. */
interface Call {
  readonly inputs: Inputs;
  readonly attrs: tf.NamedAttrMap | undefined;
  readonly backend: BackendWasm;
}

type Results = tf.TensorInfo | tf.TensorInfo[];

/** A kernel of the wasm backend, whatever its inputs and attributes. */
export type WasmKernel = (call: Call) => Results;

const canUpcast = (a: tf.DataType, b: tf.DataType): boolean =>
  (a === 'string') === (b === 'string');

const rejected = (kernelName: string, { remedies }: DtypeRule, dtype: string): Error => {
  const supported = Object.keys(remedies);
  return new ExplainedTypeError({
    subject: `operation "${kernelName}" on the wasm backend`,
    expected: supported.length > 0 ? listNames(supported) : 'no tensors',
    actual: dtype,
    fix:
      dtype === 'string' || supported.length === 0
        ? 'Use another operation, or another backend.'
        : `Convert it, for example with tf.cast(x, '${supported[0]}').`,
  });
};

/** The dtype that all data inputs can be converted to. */
const commonDtype = (
  kernelName: string,
  rule: DtypeRule,
  data: readonly tf.TensorInfo[],
): tf.DataType | undefined =>
  data.reduce<tf.DataType | undefined>((common, { dtype }) => {
    if (common === undefined || common === dtype) return dtype;
    if (!canUpcast(common, dtype)) throw rejected(kernelName, rule, `${common} and ${dtype}`);
    return tf.upcastType(common, dtype);
  }, undefined);

const convert = (input: tf.TensorInfo, dtype: tf.DataType): tf.TensorInfo =>
  input.dtype === dtype ? input : tf.cast(input as tf.Tensor, dtype);

const isData = ({ data, fixed = {} }: DtypeRule, name: string): boolean =>
  data === undefined ? !Object.hasOwn(fixed, name) : data.includes(name);

const toTensors = (results: Results): tf.Tensor[] =>
  [results].flat().map((result) => ('rank' in result ? (result as tf.Tensor) : asTensor(result)));

/** Converts the inputs to dtypes that the kernel supports, and the results back. */
const runConverted = (
  kernelName: string,
  rule: DtypeRule,
  kernel: WasmKernel,
  { inputs, attrs, backend }: Call,
): Results => {
  const { fixed = {}, remedies, restored = [0] } = rule;
  const present = Object.entries(inputs).flatMap(
    ([name, input]): (readonly [string, tf.TensorInfo])[] =>
      input === undefined || input === null ? [] : [[name, input]],
  );
  const data = present.filter(([name]) => isData(rule, name)).map(([, input]) => input);
  const common = commonDtype(kernelName, rule, data);
  const remedy = common === undefined ? 'kernel' : remedies[common];
  if (remedy === undefined) throw rejected(kernelName, rule, common ?? '');
  const target = remedy === 'kernel' || remedy === 'cpu' ? common : remedy;
  const results = tf.tidy(() => {
    const entries = present.map(([name, input]) => {
      const dtype = isData(rule, name) ? target : fixed[name];
      return [name, dtype === undefined ? input : convert(input, dtype)] as const;
    });
    const converted = (
      Array.isArray(inputs) ? entries.map(([, input]) => input) : Object.fromEntries(entries)
    ) as Inputs;
    const output =
      remedy === 'cpu'
        ? runOnCpu(kernelName, backend, converted as Readonly<Record<string, tf.TensorInfo>>, attrs)
        : kernel({ inputs: converted, attrs, backend });
    const tensors = toTensors(output);
    if (target === common || common === undefined) return tensors;
    return tensors.map((tensor, index) =>
      restored.includes(index) ? tf.cast(tensor, common) : tensor,
    );
  });
  const [first] = results;
  return results.length === 1 && first !== undefined ? first : results;
};

/**
 * Wraps a kernel of the wasm backend, which reads and writes memory without looking at the dtype, so
 * that it only ever gets dtypes that it supports.
 */
export const guardDtypes = (
  kernelName: string,
  rule: DtypeRule,
  kernel: WasmKernel,
): WasmKernel => {
  const { fixed = {}, remedies, data } = rule;
  if (data?.length === 0 && rule.fixed === undefined) return kernel;
  return (call) => {
    // Runs for every kernel call of a training step: no allocations.
    const { inputs } = call;
    let common: tf.DataType | undefined;
    let fits = true;
    for (const name in inputs) {
      const input = inputs[name];
      if (input === undefined || input === null) continue;
      const expected = fixed[name] ?? common;
      if (expected === undefined) common = input.dtype;
      else fits &&= input.dtype === expected;
    }
    return fits && (common === undefined || remedies[common] === 'kernel')
      ? kernel(call)
      : runConverted(kernelName, rule, kernel, call);
  };
};
