import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { oracle } from './library';
import { startTfjs, type Tf } from './tfjs';
import { type Case, differentiable, forwardOnly } from './tfjs-cases';

const { path, reason } = await oracle();

interface Values {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: number[];
}

/** Allows for rounding: the backends sum in different orders. */
const expectClose = (actual: Values, expected: Values) => {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dtype).toBe(expected.dtype);
  for (const [at, value] of actual.values.entries()) {
    const wanted = expected.values[at] ?? Number.NaN;
    expect(Math.abs(value - wanted)).toBeLessThanOrEqual(2e-5 + 2e-4 * Math.abs(wanted));
  }
};

describe.skipIf(reason !== undefined)(
  "tfjs-node's kernels on the binding agree with the cpu backend",
  () => {
    let tf: Tf;
    const random = (seed: number) =>
      Float32Array.from({ length: 96 }, (_, at) => {
        // A golden-ratio sequence: all values differ, so that no maximum is a tie.
        return 0.1 + 0.8 * (((at + seed * 131) * 0.6180339887498949) % 1);
      });

    beforeAll(async () => {
      ({ tf } = await startTfjs(path ?? ''));
    });

    const on = async (backend: string, compute: (a: Tensor4D, b: Tensor4D) => Tensor[]) => {
      await tf.setBackend(backend);
      const before = tf.memory().numTensors;
      const a = tf.tensor4d(random(1), [2, 4, 4, 3]);
      const b = tf.tensor4d(random(2), [2, 4, 4, 3]);
      const results = tf.tidy(() => compute(a, b));
      const values = results.map(
        (result): Values => ({
          shape: result.shape,
          dtype: result.dtype,
          values: Array.from(result.dataSync(), Number),
        }),
      );
      tf.dispose([a, b, results]);
      expect(tf.memory().numTensors).toBe(before);
      return values;
    };

    const compare = async (compute: (a: Tensor4D, b: Tensor4D) => Tensor[]) => {
      const actual = await on('tensorflow', compute);
      const expected = await on('cpu', compute);
      for (const [at, values] of actual.entries()) {
        expectClose(values, expected[at] as Values);
      }
    };

    test.each(Object.entries(forwardOnly))('%s', async (_, compute: Case) => {
      await compare((a, b) => [compute(tf, a, b)]);
    });

    test.each(Object.entries(differentiable))('%s and its gradients', async (_, compute: Case) => {
      await compare((a, b) => {
        const weighted = (x: Tensor, y: Tensor) => {
          const out = compute(tf, x as Tensor4D, y as Tensor4D);
          return out.mul(tf.linspace(0.5, 1.5, out.size).reshape(out.shape)).sum();
        };
        const usesBoth = compute.length > 2;
        const gradients = usesBoth
          ? tf.grads(weighted)([a, b])
          : [tf.grad((x: Tensor) => weighted(x, b))(a)];
        return [compute(tf, a, b), ...gradients];
      });
    });
  },
);
