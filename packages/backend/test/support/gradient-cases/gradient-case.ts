import type * as tf from '@tensorflow/tfjs';
import type { BackendName } from '../../../src';

/** A function in tfjs and in Python's TensorFlow, where its inputs are x[0], x[1] and so on. */
export interface GradientCase {
  readonly shapes: readonly (readonly number[])[];
  readonly run: (...x: tf.Tensor[]) => tf.Tensor;
  readonly python: string;
  /** Number of leading inputs to differentiate. Default: all. */
  readonly differentiate?: number;
  /** By backend, why the case is known to fail because of tfjs. */
  readonly fails?: Partial<Readonly<Record<BackendName, string>>>;
}

export type GradientCases = Readonly<Record<string, GradientCase>>;

/** For cases that the kernels of TensorFlow or tfjs-node don't support on a CPU. */
export const unsupportedByTensorflow = (reason: string): GradientCase['fails'] => ({
  'tfjs-node': reason,
  libtensorflow: reason,
});
