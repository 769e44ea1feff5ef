import { dtypeRules } from '../../../src/wasm/guards/dtype-rules';
import { trainingKernels } from '../../../src/wasm/training-kernels';
import { type Dtype, dtypes } from './kernel-case';
import type { Outcome } from './run-case';

/** The outcome of a kernel's calls with one dtype. */
export type Cell = 'right' | 'mended' | 'refused' | '–' | 'wrong';

interface Comparison {
  readonly wasm: Outcome;
  readonly cpu: Outcome;
  readonly isRight: boolean;
}

const replaced = new Set(trainingKernels.map(({ kernelName }) => kernelName));

/** Kernels whose inputs have dtypes of their own, such as boxes or shapes. They are not in the table. */
const withFixedDtypes: ReadonlySet<string> = new Set([
  'BroadcastArgs',
  'LinSpace',
  'NonMaxSuppressionV3',
  'NonMaxSuppressionV4',
  'NonMaxSuppressionV5',
  'OneHot',
  'RaggedRange',
  'SparseReshape',
]);

/** Sums up the calls of a kernel with a dtype. */
export const cellOf = (kernel: string, dtype: Dtype, comparisons: readonly Comparison[]): Cell => {
  const answered = comparisons.filter(({ wasm }) => 'results' in wasm);
  if (comparisons.some(({ wasm, isRight }) => !isRight && !('error' in wasm))) return 'wrong';
  if (answered.length === 0)
    return comparisons.some(({ cpu }) => 'results' in cpu) ? 'refused' : '–';
  return dtypeRules[kernel]?.remedies[dtype] === 'kernel' && !replaced.has(kernel)
    ? 'right'
    : 'mended';
};

/** Formats the table for the README: kernels with the same row share it. */
export const formatTable = (rows: ReadonlyMap<string, readonly Cell[]>): string => {
  const kernelsByCells = new Map<string, string[]>();
  for (const [kernel, cells] of rows) {
    if (withFixedDtypes.has(kernel)) continue;
    const key = cells.join(' | ');
    kernelsByCells.set(key, [...(kernelsByCells.get(key) ?? []), kernel]);
  }
  const lines = [...kernelsByCells]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([cells, kernels]) => `| ${cells} | ${kernels.toSorted().join(', ')} |`);
  const header = [...dtypes, 'kernels'].join(' | ');
  return [`| ${header} |`, `| ${[...dtypes, ''].map(() => '---').join(' | ')} |`, ...lines].join(
    '\n',
  );
};
