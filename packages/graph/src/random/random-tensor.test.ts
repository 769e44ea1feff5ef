import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { mixSeed, type RandomTensorOptions, randomTensor } from './random-tensor';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const valuesOf = (make: () => tf.Tensor): number[] =>
  tf.tidy(() => Array.from(make().dataSync()) as never) as unknown as number[];
const draw = (options: Partial<RandomTensorOptions>): number[] =>
  valuesOf(() =>
    randomTensor({ distribution: 'uniform', shape: [1000], seed: 1, index: 0, ...options }),
  );

describe('values', () => {
  test('depend on seed and index alone', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), (seed, index, otherSeed, otherIndex) => {
        const values = draw({ shape: [8], seed, index });
        expect(draw({ shape: [8], seed, index })).toEqual(values);
        fc.pre(seed !== otherSeed || index !== otherIndex);
        expect(draw({ shape: [8], seed: otherSeed, index: otherIndex })).not.toEqual(values);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['uniform', { minval: 2, maxval: 4 }, 3, 2 / Math.sqrt(12)],
    ['normal', { mean: -1, stddev: 2 }, -1, 2],
    // The deviation of a normal distribution cut off at two deviations.
    ['truncatedNormal', { mean: 5, stddev: 1 }, 5, 0.88],
  ] as const)('of %s have its mean and deviation', (distribution, parameters, mean, deviation) => {
    const values = draw({ distribution, parameters, shape: [20_000] });
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    expect(Math.abs(average - mean)).toBeLessThan(0.06);
    expect(Math.abs(Math.sqrt(variance) - deviation)).toBeLessThan(0.06);
  });

  test('of int32 are integers', () => {
    const tensor = randomTensor({
      distribution: 'uniform',
      shape: [50],
      dtype: 'int32',
      parameters: { minval: 0, maxval: 10 },
      seed: 1,
      index: 0,
    });
    expect(tensor.dtype).toBe('int32');
    expect(new Set(tensor.dataSync()).size).toBeGreaterThan(5);
    tensor.dispose();
  });
});

test.each([
  [{ seed: 0.5 }, 'randomTensor(): expected a safe integer as seed, got 0.5.'],
  [{ index: 2 ** 53 }, 'randomTensor(): expected a safe integer as index, got 9007199254740992.'],
])('rejects %o', (options, message) => {
  expect(() => draw(options)).toThrow(message);
});

test('have no gradient', () => {
  const options = { distribution: 'normal', shape: [3], seed: 1, index: 0 } as const;
  const [gradient, noise] = tf.tidy(() => {
    const byInput = tf.grad((x) => x.mul(randomTensor(options)));
    return [byInput(tf.ones([3])).dataSync(), randomTensor(options).dataSync()] as never;
  }) as unknown as [Float32Array, Float32Array];
  expect(gradient).toEqual(noise);
});

test('mixSeed gives neighbours unrelated seeds, and equal parts equal ones', () => {
  const seeds = Array.from({ length: 10_000 }, (_, index) => mixSeed(42, index));
  expect(new Set(seeds).size).toBeGreaterThan(9_990);
  expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
  expect(mixSeed('conv2d/kernel', 3)).toBe(mixSeed('conv2d/kernel', 3));
  expect(mixSeed(1, 23)).not.toBe(mixSeed(12, 3));
});
