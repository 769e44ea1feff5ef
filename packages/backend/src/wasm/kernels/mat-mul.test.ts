import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { values } from '../../../test/support/values';
import { expectAsOnCpu, startWasm } from '../../../test/support/wasm';

beforeAll(startWasm);

const size = (largest: number) => fc.integer({ min: 1, max: largest });

const matrix = (transpose: boolean, rows: number, columns: number): number[] =>
  transpose ? [columns, rows] : [rows, columns];

describe('a matrix product', () => {
  it('matches the cpu backend for any transposes and broadcasting', async () => {
    const batches = fc.constantFrom<[number[], number[]]>(
      [[], []],
      [[1], [1]],
      [[3], [3]],
      [[3], [1]],
      [[1], [3]],
      [
        [2, 3],
        [2, 3],
      ],
    );
    const check = async (
      [batchA, batchB]: [number[], number[]],
      [rows, inner, columns]: [number, number, number],
      [transposeA, transposeB]: [boolean, boolean],
      seed: number,
    ) => {
      await expectAsOnCpu(() => {
        const a = values(seed, [...batchA, ...matrix(transposeA, rows, inner)]);
        const b = values(seed + 1, [...batchB, ...matrix(transposeB, inner, columns)]);
        // Twice, because the second product uses the packed right operand.
        return [tf.matMul(a, b, transposeA, transposeB), tf.matMul(a, b, transposeA, transposeB)];
      });
    };
    const sizes = fc.oneof(
      fc.tuple(size(9), size(9), size(9)),
      fc.tuple(size(70), size(70), size(70)),
      // Sizes for which the operands are swapped.
      fc.tuple(size(4), fc.constant(300), fc.constant(200)),
    );
    await fc.assert(
      fc.asyncProperty(batches, sizes, fc.tuple(fc.boolean(), fc.boolean()), fc.nat(1000), check),
      { numRuns: 80 },
    );
  });

  it('is correct for the same data in two shapes', async () => {
    await expectAsOnCpu(() => {
      const b = values(1, [6, 4]);
      const [x, y] = [values(2, [3, 6]), values(3, [3, 2])];
      const [plain, reshaped] = [tf.matMul(x, b), tf.matMul(y, tf.reshape(b, [2, 12]))];
      const fused = tf.fused.matMul({
        a: values<tf.Tensor2D>(4, [2, 3]),
        b: tf.reshape(b, [3, 8]) as tf.Tensor2D,
      });
      return [plain, reshaped, fused];
    });
  });

  it('of int32 operands is int32', async () => {
    await expectAsOnCpu(() => {
      const a = tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32');
      return tf.matMul(a, a, true, false);
    });
  });

  it('broadcasts leading dimensions of both operands', async () => {
    // cpu doesn't support this broadcast, so the operands are tiled.
    await expectAsOnCpu(() => {
      const [a, b] = [values(1, [2, 1, 3, 4]), values(2, [1, 3, 4, 2])];
      if (tf.getBackend() === 'wasm') return tf.matMul(a, b);
      return tf.matMul(tf.tile(a, [1, 3, 1, 1]), tf.tile(b, [2, 1, 1, 1]));
    });
  });
});

describe('a fused matrix product', () => {
  it.each(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const)(
    'with a bias and %s matches the cpu backend, with and without transposes and batches',
    async (activation) => {
      const shapes = [
        { a: [30, 100], b: [100, 20], transposeA: false, transposeB: false },
        { a: [30, 100], b: [20, 100], transposeA: false, transposeB: true },
        { a: [100, 30], b: [100, 20], transposeA: true, transposeB: false },
        { a: [3, 30, 100], b: [3, 100, 20], transposeA: false, transposeB: false },
      ];
      for (const { a, b, transposeA, transposeB } of shapes) {
        await expectAsOnCpu(() =>
          tf.fused.matMul({
            a: values<tf.Tensor2D>(1, a),
            b: values<tf.Tensor2D>(2, b),
            transposeA,
            transposeB,
            bias: values(3, [20]),
            activation,
            leakyreluAlpha: 0.3,
          }),
        );
      }
    },
  );
});
