// Every kernel of the wasm backend with every dtype, compared with cpu. The memory around each tensor
// is watched, so that a kernel that reads or writes out of bounds fails.
import { readFileSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { registerWasmTrainingKernels } from '../src/wasm';
import { kernelCases } from './support/kernel-sweep';
import { hostileCases } from './support/kernel-sweep/hostile-cases';
import { dtypes, type KernelCase } from './support/kernel-sweep/kernel-case';
import { cellOf, formatTable } from './support/kernel-sweep/kernel-table';
import { isSame, runOnCpu, runOnWasm } from './support/kernel-sweep/run-case';

/** Kernels that agree with Python's TensorFlow where the cpu backend does not. Only their memory is checked. */
const betterThanCpu: Readonly<Record<string, string>> = {
  All: 'of no elements is true',
  AvgPool3D: 'of int32: cpu truncates the mean, but labels it as float32',
  Cast: 'from string to string is the same',
  DenseBincount: 'with weights and binary output counts each number once',
  FloorDiv: 'of float32 is float32',
  LogicalXor: 'cpu has no such kernel',
  Max: 'of no elements is -Infinity, or the least integer',
  MaxPool3DGrad: 'of equal maxima goes to the first',
  Mean: 'of no elements is NaN',
  Min: 'of no elements is Infinity, or the greatest integer',
  UnsortedSegmentSum: 'of int32 is int32',
  DepthToSpace: 'cpu has no channels first',
};

/** Kernels whose results may differ between cpu and wasm for numbers that are not finite. Only their memory is checked. */
const unspecified: Readonly<Record<string, string>> = {
  Multinomial: 'probabilities that are not finite',
  NonMaxSuppressionV3: 'boxes with NaN',
  NonMaxSuppressionV4: 'boxes with NaN',
  NonMaxSuppressionV5: 'boxes with NaN',
  RotateWithOffset: 'a rotation by huge numbers',
  TopK: 'the order of NaN',
  Transform: 'a transformation by huge numbers',
};

const table = new Map<string, ReturnType<typeof cellOf>[]>();
const readme = new URL('../README.md', import.meta.url);
const [begin, end] = ['<!-- kernel-dtypes: begin -->\n', '<!-- kernel-dtypes: end -->'];

beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  registerWasmTrainingKernels();
  await tf.setBackend('wasm');
});

const casesOf = (cases: readonly KernelCase[]): ReadonlyMap<string, readonly KernelCase[]> => {
  const byKernel = new Map<string, KernelCase[]>();
  for (const one of cases) byKernel.set(one.kernel, [...(byKernel.get(one.kernel) ?? []), one]);
  return byKernel;
};

describe('wasm computes what cpu does, or refuses', () => {
  it.each([...casesOf(kernelCases)])('%s', async (kernel, cases) => {
    const cells: ReturnType<typeof cellOf>[] = [];
    for (const dtype of dtypes) {
      const comparisons = [];
      for (const kernelCase of cases) {
        const cpu = await runOnCpu(kernelCase, dtype);
        const wasm = await runOnWasm(kernelCase, dtype);
        const isRight = isSame(cpu, wasm) || ('results' in wasm && kernel in betterThanCpu);
        if (!isRight && !('error' in wasm)) expect({ dtype, wasm }).toEqual({ dtype, wasm: cpu });
        comparisons.push({ cpu, wasm, isRight });
      }
      cells.push(cellOf(kernel, dtype, comparisons));
    }
    table.set(kernel, cells);
  });

  it('with a case for every kernel', () => {
    const names = tf.getKernelsForBackend('wasm').map(({ kernelName }) => kernelName);
    const withoutCase = ['RaggedGather', 'RaggedTensorToTensor'];
    expect(names.filter((name) => !table.has(name)).toSorted()).toEqual(withoutCase);
  });

  it('as the table in the README says', () => {
    const text = readFileSync(readme, 'utf8');
    const [before = '', rest = ''] = text.split(begin);
    const [current, after = ''] = rest.split(end);
    const expected = `\n${formatTable(table)}\n\n`;
    if (process.env.UPDATE_KERNEL_TABLE) {
      writeFileSync(readme, `${before}${begin}${expected}${end}${after}`);
    } else {
      expect(current).toBe(expected);
    }
  });
});

describe('wasm leaves memory intact for arguments that do not fit', () => {
  it.each([...casesOf(hostileCases)])('%s', async (kernel, cases) => {
    for (const dtype of ['float32', 'int32', 'bool', 'string'] as const) {
      for (const kernelCase of cases) {
        const cpu = await runOnCpu(kernelCase, dtype);
        const wasm = await runOnWasm(kernelCase, dtype);
        if ('error' in wasm || isSame(cpu, wasm)) continue;
        const isKnown = 'results' in wasm && (kernel in betterThanCpu || kernel in unspecified);
        if (!isKnown) expect({ dtype, wasm }).toEqual({ dtype, wasm: cpu });
      }
    }
  });
});
