import type * as TensorflowJs from '@tensorflow/tfjs';

export type BenchNetwork = 'CNN' | 'MLP';

/**
 * The networks that benchmarks train, for rows of 784 pixels: a convolutional network for MNIST, and a small one
 * (784-128-10) where calls cost more than arithmetic.
 */
export const benchNetworks: Readonly<
  Record<BenchNetwork, (tf: typeof TensorflowJs) => TensorflowJs.Sequential>
>;

/**
 * Creates a training step by SGD (learning rate 0.001) on a fixed batch of 56.
 *
 * @param tf the copy of TensorFlow.js to train with
 * @returns a function that takes one step, and returns its loss
 */
export function createTrainingStep(tf: typeof TensorflowJs, network: BenchNetwork): () => number;
