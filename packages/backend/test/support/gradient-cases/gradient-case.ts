import type * as tf from '@tensorflow/tfjs';
import type { BackendName } from '../../../src';

/** One function, in tfjs and in Python TensorFlow, where its inputs are x[0], x[1] and so on. */
export interface GradientCase {
  readonly shapes: readonly (readonly number[])[];
  readonly run: (...x: tf.Tensor[]) => tf.Tensor;
  readonly python: string;
  /** How many of the inputs, from the first, a gradient is asked for; all when left out. */
  readonly differentiate?: number;
  /** Why it is known to be wrong, or refused, on some backends: by tfjs, not by us. */
  readonly fails?: Partial<Readonly<Record<BackendName, string>>>;
}

export type GradientCases = Readonly<Record<string, GradientCase>>;

/** What TensorFlow's kernels, or tfjs-node's, refuse on a processor. */
export const refusedByTensorflow = (reason: string): GradientCase['fails'] => ({
  'tfjs-node': reason,
  libtensorflow: reason,
});
