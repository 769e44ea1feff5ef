import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { registerWasmTrainingKernels } from '../../src/wasm';

/** Starts wasm with the training kernels, and enables tfjs's leak check for each kernel call. */
export const startWasm = async (): Promise<void> => {
  await tf.setBackend('wasm');
  registerWasmTrainingKernels();
  tf.env().set('IS_TEST', true);
};

type Results = tf.Tensor | readonly tf.Tensor[];

/** Runs on a backend; returns the results, and checks that no other tensor remains. */
export const runOn = async (backend: 'wasm' | 'cpu', run: () => Results) => {
  await tf.setBackend(backend);
  const numTensors = tf.memory().numTensors;
  const results = tf.tidy(() => [run()].flat() as tf.Tensor[]);
  const read = results.map((result) => ({
    shape: result.shape,
    dtype: result.dtype,
    values: [...result.dataSync()],
  }));
  tf.dispose(results);
  expect(tf.memory().numTensors).toBe(numTensors);
  return read;
};

/** The maximum difference between two arrays, relative to the maximum of `b`, or of 1. */
export const distance = (a: readonly number[], b: readonly number[]): number => {
  const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  return (
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0) / scale
  );
};

/** Checks that a computation has the same shapes, dtypes and values on wasm as on cpu. */
export const expectAsOnCpu = async (run: () => Results, tolerance = 2e-5): Promise<void> => {
  const expected = await runOn('cpu', run);
  const actual = await runOn('wasm', run);
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  actual.forEach(({ values }, index) => {
    expect(distance(values, expected[index]?.values ?? [])).toBeLessThan(tolerance);
  });
};

const inner = (a: tf.Tensor, b: tf.Tensor): number =>
  tf.tidy(() => tf.sum(tf.mul(a, b)).dataSync()[0] ?? 0);

/**
 * Checks the gradient of a function that is linear in x, on the current backend: ⟨f(x), dy⟩ equals
 * ⟨x, gradient(dy)⟩ for every x and dy.
 */
export const expectAdjoint = <T extends tf.Tensor>(
  linear: (x: T) => tf.Tensor,
  x: T,
  gradient: (dy: tf.Tensor) => tf.Tensor,
  makeDy: (shape: number[]) => tf.Tensor,
): void => {
  const numTensors = tf.memory().numTensors;
  tf.tidy(() => {
    const y = linear(x);
    const dy = makeDy(y.shape);
    const dx = gradient(dy);
    expect(dx.shape).toEqual(x.shape);
    const scale =
      Math.sqrt(inner(y, y) * inner(dy, dy)) + Math.sqrt(inner(x, x) * inner(dx, dx)) + 1;
    expect(Math.abs(inner(y, dy) - inner(x, dx)) / scale).toBeLessThan(1e-5);
  });
  expect(tf.memory().numTensors).toBe(numTensors);
};
