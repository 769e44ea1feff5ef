import type { DataType } from '@tensorflow/tfjs';

/**
 * A number that the batch size B may decide: a + b·B + c·B², or 1 over that. One that it does not
 * decide is a plain number.
 */
export type Sized =
  | number
  | {
      readonly batch: readonly [a: number, b: number, c: number];
      readonly reciprocal?: true;
    };

/** What is known of a tensor before the graph runs. */
export interface TensorSpec {
  readonly dtype: DataType;
  readonly shape: readonly Sized[];
}

/** An output of a node: the node's place in the graph, and which of its outputs. */
export interface TensorRef {
  readonly node: number;
  readonly output: number;
}

/**
 * A kernel's attribute. It is like JSON, save that undefined, NaN and the infinities are kept, and
 * that every number may follow from the batch size.
 */
export type AttributeValue =
  | undefined
  | null
  | boolean
  | string
  | Sized
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

/** A kernel's input: a tensor, a list of tensors (as of Concat), or none where it is optional. */
export type KernelInput = TensorRef | readonly TensorRef[] | null;

/**
 * The values of a constant: of every element, row-major, or of all elements at once. Booleans are 0
 * and 1; complex64 is pairs of real and imaginary part. `fill` is written in the tensor's dtype, and
 * may be a string for a string tensor.
 */
export type ConstantValues =
  | Float32Array
  | Int32Array
  | Uint8Array
  | readonly string[]
  | { readonly fill: Sized | string };

/** What a graph is given when it runs. */
export interface PlaceholderNode {
  readonly kind: 'placeholder';
  readonly name: string;
  readonly outputs: readonly [TensorSpec];
}

/** A variable's value as it is when a run begins. */
export interface VariableNode {
  readonly kind: 'variable';
  readonly name: string;
  readonly trainable: boolean;
  readonly outputs: readonly [TensorSpec];
}

/** Values that are the same in every run, up to the batch size. */
export interface ConstantNode {
  readonly kind: 'constant';
  readonly name: string;
  readonly outputs: readonly [TensorSpec];
  readonly values: ConstantValues;
}

/** A call of one of tfjs's kernels. */
export interface KernelNode {
  readonly kind: 'kernel';
  readonly name: string;
  /** tfjs's name of the kernel. */
  readonly kernel: string;
  /**
   * By the kernel's own names of them. Kernels that take a list and nothing else (Concat, Pack, AddN)
   * have the keys 0, 1, 2, …, and want their inputs as an array.
   */
  readonly inputs: Readonly<Record<string, KernelInput>>;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly outputs: readonly TensorSpec[];
}

/** What random numbers are drawn from. */
export type Distribution = 'uniform' | 'normal' | 'truncatedNormal';

/** Uniform: `minval` (0), `maxval` (1). The normal ones: `mean` (0), `stddev` (1). */
export type DistributionParameters = Readonly<
  Partial<Record<'minval' | 'maxval' | 'mean' | 'stddev', number>>
>;

/** Random numbers that follow from the seed of a run and from the node's index. */
export interface RandomNode {
  readonly kind: 'random';
  readonly name: string;
  readonly distribution: Distribution;
  readonly parameters: DistributionParameters;
  /** Which of a run's random tensors this is: the same index and seed give the same numbers. */
  readonly index: number;
  readonly outputs: readonly [TensorSpec];
}

/** A step of a graph. Its inputs come before it. */
export type GraphNode = PlaceholderNode | VariableNode | ConstantNode | KernelNode | RandomNode;

/** A variable's new value at the end of a run. */
export interface VariableUpdate {
  /** The variable's name. */
  readonly variable: string;
  readonly value: TensorRef;
}

/** One way to run a graph: what was traced under one name. */
export interface Signature {
  /** Names of the placeholders that it may need. */
  readonly inputs: readonly string[];
  /** What the traced function returned, by name. */
  readonly outputs: Readonly<Record<string, TensorRef>>;
  /** What the traced function assigned: the last value of each variable. */
  readonly updates: readonly VariableUpdate[];
}

/** What a graph consists of, without its behaviour. */
export interface GraphDefinition {
  /** In the order of execution: a node's inputs come before it. */
  readonly nodes: readonly GraphNode[];
  readonly signatures: Readonly<Record<string, Signature>>;
  /** Texts of the user's own that are stored with the graph, by name. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}
