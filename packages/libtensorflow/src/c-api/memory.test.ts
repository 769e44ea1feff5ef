import fc from 'fast-check';
import { expect, test } from 'vitest';
import { int64s } from './memory';

test('int64s writes every safe integer as its BigInt', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (values) => {
      expect(int64s(values)).toEqual(BigInt64Array.from(values, BigInt));
    }),
  );
});

test('int64s fills a longer array from its start', () => {
  const target = new BigInt64Array(4).fill(9n);
  expect(int64s([-1, 2 ** 40], target)).toBe(target);
  expect(target).toEqual(BigInt64Array.of(-1n, 2n ** 40n, 9n, 9n));
});
