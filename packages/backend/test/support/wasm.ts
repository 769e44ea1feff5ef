import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { registerWasmTrainingKernels } from '../../src/wasm';

/**
 * Starts wasm with the training kernels. tfjs checks each kernel call for leaked memory from here
 * on.
 */
export const startWasm = async (): Promise<void> => {
  await tf.setBackend('wasm');
  registerWasmTrainingKernels();
  tf.env().set('IS_TEST', true);
};

type Results = tf.Tensor | readonly tf.Tensor[];

/**
 * Runs on a backend; gives the results' shapes and values, and checks that no other tensor is left.
 */
export const runOn = async (backend: 'wasm' | 'cpu', run: () => Results) => {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const results = tf.tidy(() => [run()].flat() as tf.Tensor[]);
  const read = results.map((result) => ({
    shape: result.shape,
    dtype: result.dtype,
    values: [...result.dataSync()],
  }));
  tf.dispose(results);
  expect(tf.memory().numTensors).toBe(before);
  return read;
};

/** The largest difference between two lists of numbers, relative to their largest number. */
export const distance = (a: readonly number[], b: readonly number[]): number => {
  const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  return (
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0) / scale
  );
};

/** Checks that a computation gives the same on wasm as on cpu, in shape, dtype and values. */
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
 * Checks a gradient of a function that is linear in x, on the current backend: ⟨f(x), dy⟩ has to be
 * ⟨x, gradient(dy)⟩ for whatever x and dy.
 */
export const expectAdjoint = <T extends tf.Tensor>(
  linear: (x: T) => tf.Tensor,
  x: T,
  gradient: (dy: tf.Tensor) => tf.Tensor,
  makeDy: (shape: number[]) => tf.Tensor,
): void => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const y = linear(x);
    const dy = makeDy(y.shape);
    const dx = gradient(dy);
    expect(dx.shape).toEqual(x.shape);
    const scale =
      Math.sqrt(inner(y, y) * inner(dy, dy)) + Math.sqrt(inner(x, x) * inner(dx, dx)) + 1;
    expect(Math.abs(inner(y, dy) - inner(x, dx)) / scale).toBeLessThan(1e-5);
  });
  expect(tf.memory().numTensors).toBe(before);
};
