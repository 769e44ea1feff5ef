import type * as tf from '@tensorflow/tfjs';
import { mapInputs, refsOf } from '../ir/references';
import type { Sizes } from '../ir/symbolic-numbers';
import type {
  AttributeValue,
  Distribution,
  DistributionParameters,
  KernelInput,
  TensorRef,
} from '../ir/types';
import type { RecordedValues } from './recorded-values';

/** The dtype and shape of a tensor in one call of the function. */
export interface RecordedTensor {
  readonly dtype: tf.DataType;
  readonly shape: readonly number[];
}

/** The scopes around an operation, which its name is made from. */
export interface NameScope {
  /** The names of the surrounding `tf.tidy`s, outermost first. */
  readonly scopes: readonly string[];
  /** The outermost tfjs operation that it is a part of, such as `softmaxCrossEntropy`. */
  readonly op: { readonly name: string; readonly id: number } | undefined;
  /** The innermost one, such as `randomUniform`. */
  readonly innerOp: string | undefined;
}

export const EMPTY_SCOPE: NameScope = { scopes: [], op: undefined, innerOp: undefined };

interface RecordedBase {
  readonly scope: NameScope;
  readonly outputs: readonly RecordedTensor[];
}

export interface RecordedPlaceholder extends RecordedBase {
  readonly kind: 'placeholder';
  readonly name: string;
}

export interface RecordedVariable extends RecordedBase {
  readonly kind: 'variable';
  readonly variable: tf.Variable;
}

export interface RecordedConstant extends RecordedBase {
  readonly kind: 'constant';
  readonly values: RecordedValues;
  /** Whether the tensor existed before the function was called. */
  readonly isCaptured: boolean;
}

export interface RecordedKernel extends RecordedBase {
  readonly kind: 'kernel';
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, KernelInput>>;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface RecordedRandom extends RecordedBase {
  readonly kind: 'random';
  readonly distribution: Distribution;
  readonly parameters: DistributionParameters;
  readonly index: number;
}

/** A step of one call of the function. */
export type RecordedNode =
  | RecordedPlaceholder
  | RecordedVariable
  | RecordedConstant
  | RecordedKernel
  | RecordedRandom;

/** One call of the function. */
export interface Recording {
  /** The sizes of the open dimensions. */
  readonly sizes: Sizes;
  readonly nodes: readonly RecordedNode[];
  readonly outputs: Readonly<Record<string, TensorRef>>;
  /** The last value that was assigned to each variable. */
  readonly updates: readonly { readonly variable: tf.Variable; readonly value: TensorRef }[];
}

const inputsOf = (node: RecordedNode | undefined): readonly TensorRef[] =>
  node?.kind === 'kernel' ? Object.values(node.inputs).flatMap(refsOf) : [];

/**
 * Removes the steps that no output and no update needs, which may then differ from call to call.
 * Placeholders and assigned variables stay.
 */
export const prune = (recording: Recording): Recording => {
  const { nodes, outputs, updates } = recording;
  const needed = new Set<number>();
  const pending = [...Object.values(outputs), ...updates.map(({ value }) => value)];
  for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
    if (needed.has(ref.node)) continue;
    needed.add(ref.node);
    pending.push(...inputsOf(nodes[ref.node]));
  }
  const assigned = new Set(updates.map(({ variable }) => variable));
  const remaining = nodes.flatMap((node, index) =>
    needed.has(index) ||
    node.kind === 'placeholder' ||
    (node.kind === 'variable' && assigned.has(node.variable))
      ? [{ node, index }]
      : [],
  );
  const newIndices = new Map(remaining.map(({ index }, newIndex) => [index, newIndex]));
  const refOf = ({ node, output }: TensorRef): TensorRef => ({
    node: newIndices.get(node) ?? -1,
    output,
  });
  return {
    ...recording,
    nodes: remaining.map(({ node }) =>
      node.kind === 'kernel' ? { ...node, inputs: mapInputs(node.inputs, refOf) } : node,
    ),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, ref]) => [name, refOf(ref)])),
    updates: updates.map(({ variable, value }) => ({ variable, value: refOf(value) })),
  };
};
