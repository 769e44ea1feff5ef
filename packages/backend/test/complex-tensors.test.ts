// Complex numbers on wasm, and tensors of complex numbers that move between backends.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it, vi } from 'vitest';
import { startWasm } from './support/wasm';

beforeAll(startWasm);

const create = () => tf.complex(tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6]));

it('wasm transforms signals', async () => {
  const warn = vi.spyOn(console, 'warn');
  await tf.setBackend('wasm');
  const spectrum = tf.tidy(() =>
    tf.real(tf.fft(tf.complex(tf.tensor1d([1, 2, 3, 4]), tf.zeros([4])))),
  );
  expect([...spectrum.dataSync()].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([
    10, -2, -2, -2,
  ]);
  const restored = tf.tidy(() => tf.irfft(tf.rfft(tf.tensor1d([1, 2, 3, 4]))));
  expect([...restored.dataSync()].map(Math.round)).toEqual([1, 2, 3, 4]);
  expect(warn).not.toHaveBeenCalled();
});

it.each([
  ['cpu', 'wasm'],
  ['wasm', 'cpu'],
])('a complex tensor of %s can be used on %s', async (first, second) => {
  await tf.setBackend(first);
  const numTensors = tf.memory().numTensors;
  const numbers = tf.keep(tf.tidy(create));
  await tf.setBackend(second);
  expect([...tf.tidy(() => tf.imag(numbers)).dataSync()]).toEqual([4, 5, 6]);
  expect([...numbers.dataSync()]).toEqual([1, 4, 2, 5, 3, 6]);
  expect([...tf.tidy(() => tf.real(tf.mul(numbers, numbers))).dataSync()]).toEqual([-15, -21, -27]);
  await tf.setBackend(first);
  expect([...tf.tidy(() => tf.abs(numbers)).dataSync()].map(Math.fround)).toEqual(
    [17, 29, 45].map((square) => Math.fround(Math.sqrt(square))),
  );
  tf.disposeVariables();
  numbers.dispose();
  expect(tf.memory().numTensors).toBeLessThanOrEqual(numTensors + 3);
});
