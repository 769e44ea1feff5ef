import * as tf from '@tensorflow/tfjs';

/** Reproducible numbers between -1 and 1. Source: the mulberry32 generator. */
export const numbers = (seed: number, count: number): Float32Array => {
  let state = (seed * 0x9e3779b1) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
};

/** A float32 tensor of reproducible numbers, on the current backend. */
export const values = <T extends tf.Tensor>(seed: number, shape: readonly number[]): T =>
  tf.tensor(numbers(seed, tf.util.sizeFromShape([...shape])), [...shape]) as T;
