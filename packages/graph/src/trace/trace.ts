import type * as tf from '@tensorflow/tfjs';
import { Graph } from '../graph/graph';
import { optimize } from '../passes/optimize';
import type { RecordedVariable, Recording } from './recording';
import { refuse } from './refusals';
import { Session, type TracedFunction } from './session';
import { checkInputs, type InputSpec } from './synthetic-inputs';
import { unify } from './unify';

/** How to trace, and what to call the result. */
export interface TraceOptions {
  /** The signature's name; `default` without it. */
  readonly name?: string | undefined;
  /** A variable's name in the graph; its own without it. Two variables must not share one. */
  readonly variableName?: ((variable: tf.Variable) => string) | undefined;
  /**
   * The batch sizes to call the function with: four or more, each of which it takes. The first three
   * say how a number follows from the batch size, the others confirm it. 2, 3, 5 and 7 by default.
   */
  readonly batchSizes?: readonly number[] | undefined;
  /** The most that one constant may hold, in bytes; 1 MiB by default. A graph is no place for data. */
  readonly maxConstantBytes?: number | undefined;
}

const DEFAULT_BATCH_SIZES = [2, 3, 5, 7];
const DEFAULT_MAX_CONSTANT_BYTES = 2 ** 20;

const checkBatchSizes = (sizes: readonly number[]): void => {
  const valid = sizes.every((size) => Number.isInteger(size) && size > 0);
  if (valid && sizes.length >= 4 && new Set(sizes).size === sizes.length) return;
  throw new RangeError(
    `batchSizes: expected four or more different whole numbers above 0, got [${sizes}]. ` +
      'Three say how a number follows from the batch size, the others confirm it.',
  );
};

/** Calls at other batch sizes; a function that fails there does not work for every batch. */
const callAt = (session: Session, batchSize: number, first: number): Recording => {
  try {
    return session.call(batchSize);
  } catch (error) {
    if (error instanceof Error && error.name === 'TraceError') throw error;
    throw refuse.failedAt(batchSize, first, error);
  }
};

/**
 * Calls `fn` a few times with made-up inputs and writes down what it does with tfjs, as a graph that
 * runs at any batch size. Gradients and optimizers are tfjs code as well, so a whole training step can
 * be traced; what it assigns to variables becomes the signature's updates.
 *
 * The calls leave variables, optimizers and memory as they were, also when `fn` throws. Only variables
 * that `fn` makes in its first call stay, with the values that it made them with. What `fn` computes in
 * JavaScript (a learning rate, a schedule) is a constant of the graph.
 *
 * @param fn synchronous; gets a tensor for each input, and returns tensors, alone or in lists and objects
 * @param inputs the shape and dtype of each input; null as the first dimension stands for the batch
 * @returns a graph with one signature, on the variables that `fn` used
 * @throws TraceError naming the operation that can't be traced, why, and what to do instead
 * @throws whatever `fn` throws
 */
export const trace = (
  fn: TracedFunction,
  inputs: Readonly<Record<string, InputSpec>>,
  {
    name = 'default',
    variableName = (variable) => variable.name,
    batchSizes = DEFAULT_BATCH_SIZES,
    maxConstantBytes = DEFAULT_MAX_CONSTANT_BYTES,
  }: TraceOptions = {},
): Graph => {
  checkInputs(inputs);
  checkBatchSizes(batchSizes);
  const hasBatch = Object.values(inputs).some(({ shape }) => shape[0] === null);
  const [firstSize, ...otherSizes] = hasBatch ? batchSizes : [undefined];
  const session = new Session(fn, inputs, maxConstantBytes);
  let first: Recording;
  let repeated: Recording;
  let others: Recording[];
  try {
    [first, repeated] = session.pair(firstSize);
    others = otherSizes.flatMap((size) =>
      size === undefined || firstSize === undefined ? [] : [callAt(session, size, firstSize)],
    );
  } finally {
    session.close();
  }
  const names = new Map<tf.Variable, string>();
  const nameOf = ({ variable }: RecordedVariable): string => {
    const known = names.get(variable) ?? variableName(variable);
    names.set(variable, known);
    return known;
  };
  const { nodes, signature } = unify(first, repeated, others, {
    variableName: nameOf,
    maxConstantBytes,
  });
  const variables = new Map([...names].map(([variable, known]) => [known, variable]));
  return new Graph(optimize({ nodes, signatures: { [name]: signature } }), { variables });
};
