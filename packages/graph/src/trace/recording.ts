import type * as tf from '@tensorflow/tfjs';
import type {
  AttributeValue,
  Distribution,
  DistributionParameters,
  KernelInput,
  TensorRef,
} from '../graph/types';

/** A tensor as one call of the function made it: every dimension is a number. */
export interface RecordedTensor {
  readonly dtype: tf.DataType;
  readonly shape: readonly number[];
}

/** Where in the code an operation stands. */
export interface Place {
  /** Names of the `tf.tidy`s around it, outermost first. */
  readonly scopes: readonly string[];
  /** The outermost tfjs operation that it is a part of, as `softmaxCrossEntropy`. */
  readonly op: { readonly name: string; readonly id: number } | undefined;
  /** The innermost one, as `randomUniform`. */
  readonly innerOp: string | undefined;
}

/** The values of a constant, as much as is worth keeping. */
export type RecordedValues =
  | {
      readonly kind: 'list';
      readonly list: Float32Array | Int32Array | Uint8Array | readonly string[];
    }
  /** Every element is the same. */
  | { readonly kind: 'fill'; readonly fill: number | string }
  /** More than a graph should hold. */
  | { readonly kind: 'large'; readonly bytes: number };

interface Recorded {
  readonly place: Place;
  readonly outputs: readonly RecordedTensor[];
}

export interface RecordedPlaceholder extends Recorded {
  readonly kind: 'placeholder';
  readonly name: string;
}

export interface RecordedVariable extends Recorded {
  readonly kind: 'variable';
  readonly variable: tf.Variable;
}

export interface RecordedConstant extends Recorded {
  readonly kind: 'constant';
  readonly values: RecordedValues;
  /** Whether it was made before the function was called. */
  readonly captured: boolean;
}

export interface RecordedKernel extends Recorded {
  readonly kind: 'kernel';
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, KernelInput>>;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface RecordedRandom extends Recorded {
  readonly kind: 'random';
  readonly distribution: Distribution;
  readonly parameters: DistributionParameters;
  readonly index: number;
}

/** What one call of the function did, step by step. */
export type RecordedNode =
  | RecordedPlaceholder
  | RecordedVariable
  | RecordedConstant
  | RecordedKernel
  | RecordedRandom;

/** One call of the function. */
export interface Recording {
  /** The batch size it was called with; undefined when no input has one. */
  readonly batchSize: number | undefined;
  readonly nodes: readonly RecordedNode[];
  readonly outputs: Readonly<Record<string, TensorRef>>;
  /** The last value that each variable was given. */
  readonly updates: readonly { readonly variable: tf.Variable; readonly value: TensorRef }[];
}
