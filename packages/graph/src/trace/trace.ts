import { checkedFunction, kinds, options, required } from '@elistimator/internal';
import type * as tf from '@tensorflow/tfjs';
import { Graph } from '../graph';
import { BATCH, type Sizes } from '../ir/symbolic-numbers';
import { optimize } from '../passes/optimize';
import { assertInputs, type InputSpec } from './inputs';
import {
  planSizes,
  possibleShapes,
  type SizePlan,
  symbolsIn,
  typicalSizes,
} from './open-dimensions';
import type { RecordedVariable, Recording } from './recording';
import { stridesOf } from './strides';
import { TraceError } from './trace-error';
import { type TracedFunction, Tracer } from './tracer';
import { unify } from './unify';
import { untraceable } from './untraceable';

/** Options of {@link trace}. */
export interface TraceOptions {
  /** The name of the signature. Default: `default`. */
  readonly name?: string | undefined;
  /** The name of a variable in the graph, which must be unique. Default: the variable's own name. */
  readonly variableName?: ((variable: tf.Variable) => string) | undefined;
  /**
   * The batch sizes to call the function with: at least four, which it must accept. The first three
   * determine how numbers depend on the batch size, and the others confirm it. Default: 2, 3, 5 and 7.
   */
  readonly batchSizes?: readonly number[] | undefined;
  /** The maximum size of a constant in bytes, since a graph should not contain data. Default: 1 MiB. */
  readonly maxConstantBytes?: number | undefined;
}

const DEFAULT_BATCH_SIZES = [2, 3, 5, 7];
const DEFAULT_MAX_CONSTANT_BYTES = 2 ** 20;

const assertBatchSizes = (sizes: readonly number[]): void => {
  const valid = sizes.every((size) => Number.isInteger(size) && size > 0);
  if (valid && sizes.length >= 4 && new Set(sizes).size === sizes.length) return;
  throw new RangeError(
    `option "batchSizes" of trace(): expected at least four different integers above 0, got [${sizes}]. ` +
      'Pass sizes that the function accepts, or omit the option.',
  );
};

const traceAt = (tracer: Tracer, sizes: Sizes, firstSizes: Sizes): Recording => {
  try {
    return tracer.trace(sizes);
  } catch (error) {
    if (error instanceof TraceError) throw error;
    throw untraceable.failedAt(sizes, firstSizes, error);
  }
};

const EXTRA_SYMBOLS_START = 5;

/** The calls of a function, with the sizes that it accepts. */
interface FirstCalls {
  readonly recordings: readonly [first: Recording, repeated: Recording];
  readonly plan: SizePlan;
}

/**
 * Finds which open dimensions are equal, and sizes that the function accepts.
 *
 * @throws the first error of the function if it accepts none
 */
const firstCalls = (
  tracer: Tracer,
  inputs: Readonly<Record<string, InputSpec>>,
  batchSizes: readonly number[],
): FirstCalls => {
  const ways = possibleShapes(tracer.shapes, inputs);
  const small = (_: string, index: number) => EXTRA_SYMBOLS_START + 2 * index;
  const failures: unknown[] = [];
  for (const hasTypical of [false, true]) {
    for (const shapes of ways) {
      const symbols = symbolsIn(shapes);
      const typical = typicalSizes(shapes, inputs);
      const differs = symbols.some((symbol) => symbol !== BATCH && typical.has(symbol));
      if (hasTypical && !differs) continue;
      const least = hasTypical
        ? (symbol: string, index: number) => typical.get(symbol) ?? small(symbol, index)
        : small;
      const plan = planSizes(symbols, batchSizes, least, typical);
      tracer.shapes = shapes;
      try {
        return { recordings: tracer.traceTwice(plan.base), plan };
      } catch (error) {
        if (error instanceof TraceError) throw error;
        failures.push(error);
      }
    }
  }
  throw failures[0];
};

/**
 * Calls `fn` a few times with synthetic inputs and records its tfjs operations as a graph, which runs at
 * any size of the open dimensions. Gradients and optimizers are tfjs operations too, so that a complete training step
 * can be traced: the variables that it assigns become the updates of the signature.
 *
 * Variables, optimizers and memory are unchanged afterwards, also if `fn` throws; only variables that
 * `fn` creates in its first call remain, with their initial values. Numbers that `fn` computes in
 * JavaScript, such as a learning rate, are constants of the graph.
 *
 * @param fn synchronous; gets a tensor for each input, and returns tensors, also in lists and objects
 * @param inputs the shape and dtype of each input; null for each dimension of any size
 * @returns a graph with one signature, on the variables that `fn` used
 * @throws TraceError naming the operation that can't be traced, the reason, and an alternative
 * @throws any error of `fn`
 */
export const trace = checkedFunction(
  'trace()',
  {
    fn: required(kinds.callback),
    inputs: required(kinds.object),
    options: options<TraceOptions>({
      name: kinds.string,
      variableName: kinds.callback,
      batchSizes: kinds.array,
      maxConstantBytes: kinds.number,
    }),
  },
  (
    fn: TracedFunction,
    inputs: Readonly<Record<string, InputSpec>>,
    {
      name = 'default',
      variableName = (variable) => variable.name,
      batchSizes = DEFAULT_BATCH_SIZES,
      maxConstantBytes = DEFAULT_MAX_CONSTANT_BYTES,
    }: TraceOptions = {},
  ): Graph => {
    assertInputs(inputs);
    assertBatchSizes(batchSizes);
    const tracer = new Tracer(fn, inputs, maxConstantBytes);
    let calls: FirstCalls;
    let others: Recording[];
    let strides: readonly number[];
    try {
      calls = firstCalls(tracer, inputs, batchSizes);
      const { plan, recordings } = calls;
      strides = stridesOf(recordings[0]);
      others = plan.others(strides).map((sizes) => traceAt(tracer, sizes, plan.base));
    } finally {
      tracer.close();
    }
    const names = new Map<tf.Variable, string>();
    const nameOf = ({ variable }: RecordedVariable): string => {
      const uniqueName = names.get(variable) ?? variableName(variable);
      names.set(variable, uniqueName);
      return uniqueName;
    };
    const { nodes, signature } = unify(...calls.recordings, others, {
      variableName: nameOf,
      maxConstantBytes,
      strides,
    });
    const variables = new Map([...names].map(([variable, uniqueName]) => [uniqueName, variable]));
    return new Graph(optimize({ nodes, signatures: { [name]: signature } }), { variables });
  },
);
