import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchSizes, evaluate } from '../ir/symbolic-numbers';
import { inferNumber } from './infer-numbers';

const sizes = [2, 3, 5, 7];
const samplesOf = (value: (batchSize: number) => number) =>
  sizes.map((size) => ({ size, value: value(size) }));

const coefficient = fc.integer({ min: -2000, max: 2000 });

test('finds polynomials with integer coefficients, and their reciprocals', () => {
  fc.assert(
    fc.property(
      coefficient,
      coefficient,
      fc.integer({ min: -50, max: 50 }),
      fc.boolean(),
      fc.constantFrom<((value: number) => number) | undefined>(undefined, Math.fround),
      (a, b, c, isReciprocal, stored) => {
        const value = (size: number) => {
          const sum = a + b * size + c * size * size;
          const exact = isReciprocal ? 1 / sum : sum;
          return stored?.(exact) ?? exact;
        };
        fc.pre(sizes.every((size) => Number.isFinite(value(size))));
        const inferred = inferNumber(samplesOf(value), stored);
        expect(inferred).toBeDefined();
        for (const size of [1, 2, 11, 33, 128, 1000]) {
          if (inferred === undefined || !Number.isFinite(value(size))) continue;
          const found = evaluate(inferred, batchSizes(size));
          expect((stored?.(found) ?? found) === value(size)).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('a reciprocal that is almost a polynomial in float32', () => {
  const samples = samplesOf((size) => Math.fround(1 / (1998 + size)));
  expect(inferNumber(samples, Math.fround)).toEqual({ batch: [1998, 1, 0], reciprocal: true });
});

test.each<[string, (batchSize: number) => number]>([
  ['half of it, rounded down', (size) => Math.floor(size / 2)],
  ['half of it, rounded up', (size) => Math.ceil(size / 2)],
  ['its square root', Math.sqrt],
  ['its cube', (size) => size ** 3],
  ['a limit', (size) => Math.min(size, 5)],
  ['a power of two', (size) => 2 ** size],
  ['whether it is odd', (size) => size % 2],
])('rejects other functions of the batch size: %s', (_, value) => {
  expect(inferNumber(samplesOf(value))).toBeUndefined();
  expect(
    inferNumber(
      samplesOf((size) => Math.fround(value(size))),
      Math.fround,
    ),
  ).toBeUndefined();
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -0, 0.1])('%s stays itself', (value) => {
  expect(inferNumber(samplesOf(() => value))).toBe(value);
});

test('finds decimal fractions that float32 has rounded', () => {
  const samples = samplesOf((size) => Math.fround(0.1 * size));
  expect(inferNumber(samples, Math.fround)).toEqual({ batch: [0, 0.1, 0] });
});
