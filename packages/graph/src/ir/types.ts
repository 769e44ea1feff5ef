import type { DataType } from '@tensorflow/tfjs';

/** A number in the batch size B: a + b·B + c·B², or its reciprocal. */
export interface BatchNumber {
  readonly batch: readonly [a: number, b: number, c: number];
  readonly reciprocal?: true;
}

/** A power of a size. With `divisor`, of ⌊(size + offset) / divisor⌋, as strides divide a size. */
export interface SizeFactor {
  /** `batch`, or the name of another open dimension. */
  readonly symbol: string;
  readonly power: number;
  readonly offset?: number;
  readonly divisor?: number;
}

/** A coefficient, times its factors. */
export interface SizeTerm {
  readonly coefficient: number;
  readonly factors: readonly SizeFactor[];
}

/** A polynomial in several open dimensions, or its reciprocal. */
export interface PolynomialNumber {
  readonly terms: readonly SizeTerm[];
  readonly reciprocal?: true;
}

/**
 * A number that may depend on the batch size and on other open dimensions, such as the length of a
 * sequence. In a shape it is what TensorFlow calls a symbolic dimension.
 */
export type SymbolicNumber = number | BatchNumber | PolynomialNumber;

/** The dtype and the shape of a tensor, at any size of the open dimensions. */
export interface TensorType {
  readonly dtype: DataType;
  readonly shape: readonly SymbolicNumber[];
}

/** An output of a node. */
export interface TensorRef {
  /** The node's index in the graph. */
  readonly node: number;
  /** The index among the node's outputs. */
  readonly output: number;
}

/**
 * A kernel's attribute: like JSON, but with undefined, NaN and the infinities, and with numbers that may
 * depend on the open dimensions.
 */
export type AttributeValue =
  | undefined
  | null
  | boolean
  | string
  | SymbolicNumber
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

/** A kernel's input: a tensor, a list of tensors, or null for an optional input that is absent. */
export type KernelInput = TensorRef | readonly TensorRef[] | null;

/** Every element of a constant, row-major. Booleans are 0 and 1; complex64 is pairs of real and imaginary part. */
export type ConstantElements = Float32Array | Int32Array | Uint8Array | readonly string[];

/** The one value of all elements, in the dtype of the tensor. */
export interface ConstantFill {
  readonly fill: SymbolicNumber | string;
}

export type ConstantValues = ConstantElements | ConstantFill;

/** Arrays have a method `fill`, so `'fill' in values` does not tell the two apart. */
export const isFill = (values: ConstantValues): values is ConstantFill =>
  !ArrayBuffer.isView(values) && !Array.isArray(values);

export const isTypedArray = (
  values: ConstantValues,
): values is Float32Array | Int32Array | Uint8Array => ArrayBuffer.isView(values);

/** A tensor that is fed to a run. */
export interface PlaceholderNode {
  readonly kind: 'placeholder';
  readonly name: string;
  readonly outputs: readonly [TensorType];
}

/** The value of a variable at the start of a run. */
export interface VariableNode {
  readonly kind: 'variable';
  readonly name: string;
  readonly trainable: boolean;
  readonly outputs: readonly [TensorType];
}

/** Values that are the same in every run at the same batch size. */
export interface ConstantNode {
  readonly kind: 'constant';
  readonly name: string;
  readonly outputs: readonly [TensorType];
  readonly values: ConstantValues;
}

/** A call of a tfjs kernel. */
export interface KernelNode {
  readonly kind: 'kernel';
  readonly name: string;
  /** tfjs's name of the kernel, such as `BatchMatMul`. */
  readonly kernel: string;
  /**
   * By the kernel's names for them. Kernels that take nothing but a list (Concat, Pack, AddN) have the
   * keys 0, 1, 2, …, and are called with an array.
   */
  readonly inputs: Readonly<Record<string, KernelInput>>;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly outputs: readonly TensorType[];
}

/** What random numbers are drawn from. `truncatedNormal` redraws beyond two standard deviations. */
export type Distribution = 'uniform' | 'normal' | 'truncatedNormal';

/** Of `uniform`: `minval` (default: 0) and `maxval` (1). Of the others: `mean` (0) and `stddev` (1). */
export type DistributionParameters = Readonly<
  Partial<Record<'minval' | 'maxval' | 'mean' | 'stddev', number>>
>;

/** Random numbers, which the seed of the run and the node's index determine. */
export interface RandomNode {
  readonly kind: 'random';
  readonly name: string;
  readonly distribution: Distribution;
  readonly parameters: DistributionParameters;
  /** Tells apart the random tensors of a run: the same index and seed give the same numbers. */
  readonly index: number;
  readonly outputs: readonly [TensorType];
}

/** An operation of a graph. Its inputs come before it. */
export type GraphNode = PlaceholderNode | VariableNode | ConstantNode | KernelNode | RandomNode;

/** The new value of a variable at the end of a run. */
export interface VariableUpdate {
  readonly variable: string;
  readonly value: TensorRef;
}

/** A traced function: one way to run a graph. */
export interface Signature {
  /** The names of the placeholders that it may need. */
  readonly inputs: readonly string[];
  /** The tensors that the function returned, by name. */
  readonly outputs: Readonly<Record<string, TensorRef>>;
  /** The last value that the function assigned to each variable. */
  readonly updates: readonly VariableUpdate[];
}

/** A graph as data. */
export interface GraphDefinition {
  /** In order of execution: the inputs of a node come before it. */
  readonly nodes: readonly GraphNode[];
  readonly signatures: Readonly<Record<string, Signature>>;
  /** The caller's own texts, which are stored with the graph, by name. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}
